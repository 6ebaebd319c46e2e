import Testing

@testable import FleetState

@Suite struct SluiceWordTests {
  private static let place = EntryID(milliseconds: 17, sequence: 3)

  @Test(
    "each word reads as the contract has it",
    arguments: [
      (
        SluiceWord.welcome(
          .init(session: "s", token: "t", epoch: "e", offset: place, heartbeatMilliseconds: 30_000)),
        #"{"type":"welcome","session":"s","token":"t","epoch":"e","offset":"17-3","heartbeat_ms":30000,"recovered":false}"#
      ),
      (.ack(id: "7", offset: place, value: nil), #"{"type":"ack","id":7,"offset":"17-3"}"#),
      (.ack(id: "\"a\"", offset: nil, value: "[1]"), #"{"type":"ack","id":"a","value":[1]}"#),
      (
        .error(id: nil, code: "c", message: "m", retryAfterSeconds: 2),
        #"{"type":"error","code":"c","message":"m","retry_after":2}"#
      ),
      (
        .resumed(replayed: 4, lost: nil, token: "t"),
        #"{"type":"resumed","recovered":true,"replayed":4,"token":"t"}"#
      ),
      (
        .resumed(replayed: 0, lost: .init(from: place, to: place.next), token: nil),
        #"{"type":"resumed","recovered":false,"replayed":0,"lost":{"from":"17-3","to":"17-4"}}"#
      ),
      (
        .reconnect(inMilliseconds: 9, token: "t", reason: "r"),
        #"{"type":"reconnect","in_ms":9,"token":"t","reason":"r"}"#
      ),
      (.pong(id: nil), #"{"type":"pong"}"#),
      (.token("a.b"), #"{"type":"token","token":"a.b"}"#),
    ])
  func words(_ word: SluiceWord, _ text: String) { #expect(word.text == text) }
}
