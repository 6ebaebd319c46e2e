import Testing

@testable import FleetState

@Suite struct NameTests {
  @Test(
    "words fit for keys and paths are names",
    arguments: ["a", "web-1", "A_b.c", String(repeating: "x", count: 64)])
  func names(_ text: String) {
    #expect(Name(text)?.text == text)
    let fromBytes = Name(Array(text.utf8).span)
    #expect(fromBytes == Name(text))
  }

  @Test(
    "nothing else is",
    arguments: [
      "", ".", "..", "a b", "a/b", "a:b", "{a}", "é", "a\n", "a\0", String(repeating: "x", count: 65),
    ])
  func refused(_ text: String) {
    #expect(Name(text) == nil)
    let fromBytes = Name(Array(text.utf8).span)
    #expect(fromBytes == nil)
  }
}
