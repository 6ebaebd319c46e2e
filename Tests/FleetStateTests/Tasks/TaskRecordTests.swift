import JSONText
import Testing

@testable import FleetState

@Suite struct TaskRecordTests {
  private let id: Name

  init() throws { id = try #require(Name("7f")) }

  private func pairs(_ fields: Fields) -> [(String, String)] { fields.list.map { ($0.name, $0.value) } }

  @Test("what is stored is what was asked for")
  func roundTrip() throws {
    let body = Array(#"{"kind": "sleep", "payload": {"seconds": 2}, "client_id": "ada"}"#.utf8)
    let request = try TaskRequest(body.span)
    let record = TaskRecord(id, request, at: 1_700_000_000_123)
    let fields = record.fields(of: request.work)
    #expect(fields.raw("lasts") == "2000")
    let read = try #require(TaskRecord(id, Fields(pairs(fields))))
    #expect(read == record)
    #expect(try read.work(configured: nil) == request.work)
  }

  @Test("a later change goes over the earlier one")
  func change() throws {
    let body = Array(#"{"kind": "broadcast", "payload": "x"}"#.utf8)
    let request = try TaskRequest(body.span)
    let first = TaskRecord(id, request, at: 1).fields(of: request.work)
    let event = TaskEvent(id, .retrying, attempt: 2, at: 5, reason: "no luck")
    let record = try #require(TaskRecord(id, Fields(pairs(first) + pairs(TaskRecord.fields(of: event)))))
    #expect(record.last == event)
    #expect(record.created == 1)
  }

  @Test(
    "what somebody else wrote under our key is no task, or a harmless one",
    arguments: [
      [("status", "done")], [("kind", "sleep")], [("kind", "dance"), ("status", "done")],
      [("kind", "sleep"), ("status", "Done")],
    ])
  func foreign(_ pairs: [(String, String)]) {
    #expect(TaskRecord(id, Fields(pairs)) == nil)
  }

  @Test("garbled figures are zero, a garbled payload is refused when it is due")
  func garbled() throws {
    let record = try #require(
      TaskRecord(
        id,
        Fields([
          ("kind", "sleep"), ("status", "queued"), ("attempt", "-9"), ("ts", "x"), ("runs", "1e9"),
          ("payload", "{"),
          ("reason", "a\u{1B}b"),
        ])))
    #expect(record.last == TaskEvent(id, .queued, attempt: 0, at: 0, reason: "a\u{FFFD}b"))
    #expect(record.runs == 0)
    #expect(throws: TaskRefusal.self) { try record.work(configured: nil) }
  }

  @Test("as JSON it is one line, with its client if it has one")
  func json() throws {
    let body = Array(#"{"kind": "sleep", "client_id": "ada"}"#.utf8)
    let record = TaskRecord(id, try TaskRequest(body.span), at: 1_700_000_000_123)
    var json = JSONWriter(style: .spaced)
    record.write(to: &json)
    #expect(
      json.text
        == #"{"task_id": "7f", "status": "queued", "message": "Task 7f Queued", "attempt": 1, "ts": 1700000000.123, "#
        + #""kind": "sleep", "created": 1700000000.123, "client_id": "ada"}"#)
  }

  @Test("an event says what has changed, and why")
  func event() {
    let event = TaskEvent(id, .failed, attempt: 5, at: 2000, reason: #"the receiver said "no""#)
    #expect(
      event.json
        == #"{"task_id": "7f", "status": "failed", "message": "Task 7f Failed: the receiver said \"no\"", "#
        + #""attempt": 5, "ts": 2}"#)
  }
}
