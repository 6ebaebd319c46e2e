import FleetState
import Testing
import TextUI

@testable import Console

@Suite struct TaskBookTests {
  static func record(_ id: String, _ status: String = "queued", reason: String = "") throws -> TaskRecord {
    let fields = Fields([
      ("kind", "sleep"), ("status", status), ("attempt", "2"), ("ts", "4590000"), ("reason", reason),
      ("created", "4580000"), ("client", "ada"), ("runs", "3"),
    ])
    return try #require(TaskRecord(Fleet.name(id), fields))
  }

  @Test("each status in turn, and all again; an answer about another one is not taken")
  func status() throws {
    var book = TaskBook()
    book.take(TaskBook.Count(queued: 1, later: 2, dead: 3), [try Self.record("a")], of: nil)
    #expect(book.records.count == 1 && book.count.dead == 3)
    taken(book.take(.character("f"), height: 5))
    #expect(book.status == .queued && !book.hasBeenRead)
    book.take(TaskBook.Count(), [try Self.record("b")], of: nil)
    #expect(book.records.isEmpty && !book.hasBeenRead)
    for _ in TaskStatus.allCases { taken(book.take(.character("f"), height: 5)) }
    #expect(book.status == nil)
  }

  @Test("the chosen task stays chosen")
  func selection() throws {
    var book = TaskBook()
    book.take(TaskBook.Count(), [try Self.record("a"), try Self.record("b")], of: nil)
    taken(book.take(.down, height: 5))
    #expect(book.selected?.id.text == "b")
    book.take(TaskBook.Count(), [try Self.record("c"), try Self.record("a"), try Self.record("b")], of: nil)
    #expect(book.selected?.id.text == "b" && book.row == 2)
  }

  @Test("a closer look tells all of a task, its payload no longer than a screen")
  func inspection() throws {
    let task = try Self.record("a", "failed", reason: "the receiver answered 503")
    let facts = Inspection.of(task, payload: String(repeating: "x", count: 60_000)).facts
    #expect(
      facts.map(\.name) == ["kind", "status", "attempt", "created", "changed", "client", "reason", "payload"])
    #expect(facts[2].value == "2, begun 3 times" && facts[3].value == "01:16:20 UTC")
    #expect(facts[7].value.count == 2000)
  }
}
