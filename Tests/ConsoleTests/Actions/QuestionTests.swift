import FleetState
import Testing
import TextUI

@testable import Console

@Suite struct QuestionTests {
  private func dialog(
    _ action: Action, _ target: ControlCommand.Target = .all, roll: RollProgress? = nil
  ) throws -> Dialog? {
    action.question(Reach(try Fleet.snapshot(roll: roll), target), preset: .swift)
  }

  @Test("a drain warns: how many will go, and how")
  func drain() throws {
    let dialog = try #require(try dialog(.drain))
    #expect(dialog.title == "Drain 1 host?" && dialog.style == .warning)
    #expect(
      dialog.lines == [
        "4,999 sockets will go, then the server ends.", "swift: 6s to leave, 3s paced, 1s to force.",
      ])
  }

  @Test("a roll says how many are handed over, and what the last one took")
  func roll() throws {
    let first = try #require(try dialog(.roll))
    #expect(first.title == "Roll 1 host?" && first.style == .border)
    #expect(
      first.lines == [
        "4,999 sockets on 2 workers are handed over, nobody is dropped.",
        "Fresh processes, one after another.",
      ])
    let next = try #require(try dialog(.upgrade, roll: Fleet.roll(.done)))
    #expect(
      next.lines.last == "As the last time: about 1.4 s, each socket held still for at most 8.3 ms.")
  }

  @Test("a roll of one worker names it")
  func worker() throws {
    let dialog = try #require(
      try dialog(.roll, .worker(Fleet.name("web-1"), slot: 1), roll: Fleet.roll(.done)))
    #expect(dialog.title == "Roll worker web-1/1?")
    #expect(dialog.lines.first == "2,499 sockets on 1 worker are handed over, nobody is dropped.")
    #expect(dialog.lines.last?.contains("about 700 ms") == true, "\(dialog.lines)")
  }

  @Test("taking back names who goes back")
  func takeBack() throws {
    let dialog = try #require(try dialog(.takeBack, roll: Fleet.roll(.stopped, .reload)))
    #expect(dialog.lines.first == "1 worker replaced so far is replaced by what was before.")
  }

  @Test(
    "taking back what has nothing to go back to promises no more than its end",
    arguments: [RollKind.roll, .upgrade])
  func endRoll(_ kind: RollKind) throws {
    let dialog = try #require(try dialog(.takeBack, roll: Fleet.roll(.paused, kind)))
    #expect(dialog.title == "End the roll here?")
    #expect(dialog.lines.first == "1 worker replaced so far, the others stay.")
  }

  @Test("whatever moves or drops somebody asks, the rest does not", arguments: Action.allCases)
  func asks(_ action: Action) throws {
    #expect((try dialog(action) == nil) == (action.danger == .none))
    if action.danger == .drops { #expect(try dialog(action)?.style == .warning) }
  }
}
