import Bytes
import Testing

@testable import FleetState

@Suite struct SessionIDTests {
  @Test("a UUID is a session, in lower case")
  func uuid() {
    #expect(
      SessionID("0F8FAD5B-d9cb-469f-a165-70867728950E")?.text == "0f8fad5b-d9cb-469f-a165-70867728950e")
  }

  @Test(
    "nothing else is",
    arguments: [
      "", "abc", "0f8fad5bd9cb469fa16570867728950e", "0f8fad5b-d9cb-469f-a165-70867728950",
      "0f8fad5b-d9cb-469f-a165-70867728950g", "{0f8fad5b-d9cb-469f-a165-70867728950e}",
      "0f8fad5b-d9cb-469f-a165-70867728950e-", "0f8fad5bd-9cb-469f-a165-70867728950e",
    ])
  func refused(_ text: String) { #expect(SessionID(text) == nil) }

  @Test("a new one is of version 4 and reads back")
  func random() {
    var generator = SplitMix64(seed: 11)
    for _ in 0..<100 {
      let session = SessionID(random: generator.bytes(16))
      #expect(SessionID(session.text) == session)
      let letters = Array(session.text)
      #expect(letters[14] == "4")
      #expect("89ab".contains(letters[19]))
    }
  }
}
