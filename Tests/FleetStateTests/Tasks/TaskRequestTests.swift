import Bytes
import JSONText
import Testing

@testable import FleetState

@Suite struct TaskRequestTests {
  private func request(_ body: String) throws -> TaskRequest {
    let bytes = Array(body.utf8)
    return try TaskRequest(bytes.span)
  }

  @Test("a whole request is understood in every part")
  func whole() throws {
    let request = try request(
      #"{"kind": "broadcast", "payload": {"message": "x", "delay": 3}, "client_id": "ada", "idempotency_key": "k 1"}"#
    )
    #expect(request.kind == .broadcast && request.work == .broadcast(text: "x", form: .text, halls: .all))
    #expect(request.payload == #"{"message":"x","delay":3}"#)
    #expect(request.delay == 3000)
    #expect(request.client == ClientID("ada"))
    #expect(request.idempotencyKey == "k 1")
  }

  @Test(
    "what cannot be done is refused with a reason",
    arguments: [
      ("", "the body is no JSON: nothing is there at byte 0"),
      ("[]", "the body has to be an object with a kind"),
      ("{}", "kind has to be sleep, broadcast or webhook"),
      (#"{"kind": "dance"}"#, "kind has to be sleep, broadcast or webhook"),
      (#"{"kind": "sleep", "payload": -1}"#, "seconds has to be a number from 0 to 86400"),
      (#"{"kind": "sleep", "client_id": "a b"}"#, "client_id has to be 1 to 64 bytes without blanks and /"),
      (#"{"kind": "sleep", "client_id": 7}"#, "client_id has to be 1 to 64 bytes without blanks and /"),
      (#"{"kind": "sleep", "idempotency_key": ""}"#, "idempotency_key has to be a text of 1 to 128 bytes"),
      (
        #"{"kind": "sleep", "idempotency_key": "a\u0000"}"#,
        "idempotency_key has to be a text of 1 to 128 bytes"
      ),
    ])
  func refused(_ body: String, _ reason: String) {
    #expect(throws: TaskRefusal(reason)) { try request(body) }
  }

  @Test("a payload has its bound, to the byte")
  func bound() throws {
    let most = TaskWork.longestPayload
    let fits = try request(
      #"{"kind": "broadcast", "payload": "\#(String(repeating: "x", count: most - 2))"}"#)
    #expect(fits.payload.utf8.count == most)
    #expect(throws: TaskRefusal("payload is longer than \(most) bytes")) {
      try request(#"{"kind": "broadcast", "payload": "\#(String(repeating: "x", count: most - 1))"}"#)
    }
  }

  @Test("whatever bytes are wrong, a body is understood or refused", arguments: UInt64(1)...200)
  func wrongBytes(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var body = Array(
      #"{"kind":"webhook","payload":{"url":"https://[::1]:8443/a?b","body":[1,2],"delay":1.5},"client_id":"é"}"#
        .utf8)
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      body[Int.random(in: 0..<body.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
    }
    do throws(TaskRefusal) {
      let request = try TaskRequest(body.span)
      #expect(request.delay >= 0 && request.payload.utf8.count <= TaskWork.longestPayload, "seed \(seed)")
    } catch {
      #expect(!error.reason.isEmpty, "seed \(seed)")
    }
  }

  @Test("a body cut short anywhere is refused, never half understood")
  func cutShort() {
    let body = #"{"kind":"sleep","payload":{"seconds":2}}"#
    for length in 0..<body.utf8.count {
      #expect(throws: TaskRefusal.self) { try request(String(body.prefix(length))) }
    }
  }
}
