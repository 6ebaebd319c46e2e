import FleetState
import Testing
import TextUI

@testable import Console

@Suite struct TasksPageTests {
  private let size = Size(80, 24)

  private func view() throws -> View {
    var view = try Fleet.view(.tasks)
    view.snapshot?.hosts[0].workers[0].tasks.running = 3
    for second: Int64 in 0..<3 {
      var snapshot = try #require(view.snapshot)
      snapshot.time += second * 1000
      snapshot.hosts[0].workers[1].tasks.done = Int(second) * 40
      view.tasks.see(snapshot)
    }
    view.tasks.take(
      TaskBook.Count(queued: 1203, later: 7, dead: 2),
      [
        try TaskBookTests.record("aaa", "running"),
        try TaskBookTests.record("bbb", "failed", reason: "the receiver answered 404"),
      ], of: nil)
    return view
  }

  @Test("how many wait, how fast they are done, and the newest")
  func page() throws {
    let drawn = Fleet.lines(try view(), ascii: true)
    #expect(drawn[1] == "                                         done /s                             40")
    #expect(drawn[2].hasPrefix(" queued           1,200         0 /s in  50"))
    #expect(drawn[3].hasPrefix(" running              3      40 /s done"))
    #expect(drawn[5].hasPrefix(" dead letters         2     0 /s failed"))
    #expect(drawn[7] == " the newest                                                             2 tasks")
    #expect(drawn[8] == " task               kind       status    try      age  reason")
    #expect(drawn[9] == " aaa                sleep      running     2      20s  -")
    #expect(drawn[10] == " bbb                sleep      failed      2      20s  the receiver answered 4.")
    #expect(drawn[23].hasPrefix(" f status"))
  }

  @Test("on the smallest screen the figures stand apart, too")
  func small() throws {
    let drawn = Fleet.lines(try view(), 60, 16, ascii: true)
    #expect(drawn[2].hasPrefix(" queued           1,200         0 /s in"))
    #expect(drawn[3].hasPrefix(" running              3      40 /s done"))
  }

  @Test("the dead letters alone, none of a status, and none at all are said in words")
  func emptiness() throws {
    var view = try Fleet.view(.tasks)
    #expect(Fleet.lines(view).contains(" Asking for the tasks…"))
    view.tasks.take(TaskBook.Count(), [], of: nil)
    #expect(Fleet.lines(view).contains(" There are no tasks: POST /tasks makes one."))
    for _ in TaskStatus.allCases { #expect(view.steer(.character("f"), size: size) == .done) }
    view.tasks.take(TaskBook.Count(), [], of: .failed)
    let drawn = Fleet.lines(view)
    #expect(drawn.contains { $0.hasPrefix(" dead letters") && $0.hasSuffix("0 tasks") })
    #expect(drawn.contains(" None is failed."))
  }

  @Test("a task is chosen by key and click, and looked at")
  func choosing() throws {
    var view = try view()
    #expect(view.steer(.down, size: size) == .done && view.tasks.selected?.id.text == "bbb")
    #expect(view.steer(.mouse(x: 3, y: 9, .click), size: size) == .done && view.tasks.row == 0)
    let task = try #require(view.tasks.selected)
    #expect(view.steer(.enter, size: size) == .inspectTask(task))
  }
}
