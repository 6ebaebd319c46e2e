import Bytes
import FleetState
import Testing

@testable import Server

@Suite struct WantedTests {
  @Test(
    "a text goes as it is, JSON as its text",
    arguments: [
      (#"{"message": "hello 🛰"}"#, "hello 🛰"), (#"{"message": ""}"#, ""),
      (#"{"message": {"a": [1, true]}}"#, #"{"a": [1, true]}"#), (#"{"message": 7, "more": 1}"#, "7"),
      (#"{"message": {"id": 12345678901234567890}}"#, #"{"id": 12345678901234567890}"#),
      (#"{"message": 1.0}"#, "1.0"),
    ])
  func texts(_ body: String, _ text: String) throws {
    let wanted = try Self.read(body)
    #expect(wanted.text == text)
    #expect(wanted.halls == .all)
  }

  @Test("halls narrow it", arguments: [#"["ws"]"#, #""ws""#])
  func halls(_ halls: String) throws {
    let wanted = try Self.read(#"{"message": "x", "halls": \#(halls)}"#)
    #expect(wanted.halls.contains(.ws))
    #expect(!wanted.halls.contains(.chat))
  }

  @Test("somebody may be left out, and the same request be known again")
  func extras() throws {
    let wanted = try Self.read(#"{"message": "x", "exclude": "ada", "idempotency_key": "k 1"}"#)
    #expect(wanted.exclude == ClientID("ada") && wanted.idempotencyKey == "k 1")
    let plain = try Self.read(#"{"message": "x", "exclude": null}"#)
    #expect(plain.exclude == nil && plain.idempotencyKey == nil)
    let longest = String(repeating: "k", count: Wanted.longestKey)
    #expect(try Self.read(#"{"message": "x", "idempotency_key": "\#(longest)"}"#).idempotencyKey == longest)
    #expect(throws: Wanted.Refusal.self) {
      try Self.read(#"{"message": "x", "idempotency_key": "\#(longest)k"}"#)
    }
  }

  @Test(
    "what is none is refused with the reason",
    arguments: [
      ("", "the body is no JSON"), ("{", "the body is no JSON"), ("[]", "the body has to be an object"),
      ("{}", "message is missing"), (#"{"message": null}"#, "message is missing"),
      (#"{"message": "x", "halls": ["attic"]}"#, "halls is a list of"),
      (#"{"message": "x", "halls": ["ws", 7]}"#, "halls is a list of"),
      (#"{"message": "x", "halls": [7]}"#, "halls is a list of"),
      (#"{"message": "x", "halls": []}"#, "halls is a list of"),
      (#"{"message": "x", "halls": 3}"#, "halls is a list of"),
      (#"{"message": "x", "exclude": "a b"}"#, "exclude is a client's id"),
      (#"{"message": "x", "exclude": 7}"#, "exclude is a client's id"),
      (#"{"message": "x", "idempotency_key": ""}"#, "idempotency_key is a text"),
      (#"{"message": "x", "idempotency_key": 7}"#, "idempotency_key is a text"),
    ])
  func refusals(_ body: String, _ reason: String) {
    let error = #expect(throws: Wanted.Refusal.self) { try Self.read(body) }
    #expect(error?.reason.hasPrefix(reason) == true, "\(error?.reason ?? "nothing")")
  }

  private static func read(_ body: String) throws -> Wanted {
    let bytes = Array(body.utf8)
    return try Wanted(bytes.span)
  }
}
