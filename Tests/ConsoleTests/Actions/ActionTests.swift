import FleetState
import Testing
import TextUI

@testable import Console

@Suite struct ActionTests {
  private func possible(drain: DrainProgress? = nil, roll: RollProgress? = nil) throws -> [Action] {
    let snapshot = try Fleet.snapshot(drain: drain, roll: roll)
    // Words to sockets are possible as long as a host is there.
    return Action.allCases.filter { $0.form != .errand && $0.obstacle(snapshot) == nil }
  }

  private var drain: DrainProgress {
    DrainProgress(phase: .waiting, open: 3, total: 9, remaining: .seconds(4), ledger: Ledger(start: 9))
  }

  @Test("what is possible follows from what is on")
  func possible() throws {
    #expect(try possible() == [.drain, .roll, .upgrade, .reload, .rebalance, .audit])
    #expect(try possible(drain: drain) == [.drain, .undrain, .audit])
    #expect(try possible(roll: Fleet.roll(.proving)) == [.drain, .pause, .takeBack, .audit])
    #expect(try possible(roll: Fleet.roll(.paused)) == [.drain, .proceed, .takeBack, .audit])
    #expect(try possible(roll: Fleet.roll(.done)) == [.drain, .roll, .upgrade, .reload, .rebalance, .audit])
    #expect(
      try possible(roll: Fleet.roll(.stopped)) == [.drain, .roll, .upgrade, .reload, .rebalance, .audit])
    #expect(
      try possible(roll: Fleet.roll(.stopped, .reload)) == [
        .drain, .roll, .upgrade, .reload, .takeBack, .rebalance, .audit,
      ])
    var held = Fleet.roll(.proving)
    held.reason = "ada"
    #expect(try possible(roll: held) == [.drain, .proceed, .takeBack, .audit])
    var back = Fleet.roll(.proving)
    back.way = .back
    #expect(try possible(roll: back) == [.drain, .pause, .audit])
  }

  @Test("one worker alone is even")
  func alone() throws {
    var snapshot = try Fleet.snapshot()
    snapshot.hosts[0].workers.removeLast()
    #expect(Action.rebalance.obstacle(snapshot) == "There is nothing to even out.")
  }

  @Test("without a host nothing is possible, and each obstacle is a sentence", arguments: Action.allCases)
  func obstacles(_ action: Action) throws {
    #expect(action.obstacle(nil) == "Nothing is known of the fleet yet.")
    let nobody = Snapshot(namespace: try Fleet.name("default"), time: 0, redis: .up)
    #expect(action.obstacle(nobody) == "No host is there.")
    for roll in [nil, Fleet.roll(.proving), Fleet.roll(.paused)] {
      guard let obstacle = action.obstacle(try Fleet.snapshot(drain: drain, roll: roll)) else { continue }
      #expect(obstacle.hasSuffix("."))
    }
  }

  @Test("a key means one thing at a time, and is no page's and none of the screen's own")
  func keys() throws {
    for roll in [nil, Fleet.roll(.proving), Fleet.roll(.paused), Fleet.roll(.stopped)] {
      for key in Set(Action.allCases.map(\.key)) {
        let snapshot = try Fleet.snapshot(roll: roll)
        #expect(Action.allCases.count { $0.key == key && $0.obstacle(snapshot) == nil } <= 1)
      }
    }
    #expect(Action.allCases.allSatisfy { action in View.Page.allCases.allSatisfy { $0.key != action.key } })
    #expect(Action.allCases.allSatisfy { $0.key != "q" })
    let pageKeys = View.Page.allCases.flatMap(\.keys).map(\.key)
    #expect(Action.allCases.allSatisfy { !pageKeys.contains(String($0.key)) })
    #expect(Action.of("p", try Fleet.snapshot(roll: Fleet.roll(.paused))) == .proceed)
    #expect(Action.of("p", try Fleet.snapshot()) == .pause)
    #expect(Action.of("z", try Fleet.snapshot()) == nil)
  }

  @Test("on the workers' page a roll is for the selected worker, a drain never")
  func targets() throws {
    var view = try Fleet.view(.workers)
    view.selected = 1
    #expect(view.target(of: .roll) == .worker(try Fleet.name("web-1"), slot: 1))
    #expect(view.target(of: .drain) == .all)
    view.page = .restart
    #expect(view.target(of: .roll) == .all)
    view.page = .workers
    view.selected = 7
    #expect(view.target(of: .roll) == .all)
  }
}
