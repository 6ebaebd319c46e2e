import FleetState
import Testing
import TextUI

@testable import Console

@Suite struct RestartPageTests {
  private func drawn(_ roll: RollProgress, _ width: Int = 80, _ height: Int = 24) throws -> [String] {
    Fleet.lines(try Fleet.view(.restart, roll: roll), width, height, ascii: true)
  }

  @Test("a roll: who is in work, a bar for each worker, what was handed over")
  func roll() throws {
    let drawn = try drawn(Fleet.roll(.proving))
    #expect(drawn[2] == "  web-1  roll                                         worker 1: proving itself")
    #expect(drawn[3] == "  ########################++++++++++++++++++++++++              1 of 2 workers")
    #expect(drawn[4] == "    0  ###########################################            2,500  replaced")
    #expect(drawn[5] == "    1  ###########################################            2,499  in work")
    #expect(drawn[6] == "  handed over 2,500  longest freeze 8.3 ms  1.4 s")
    #expect(drawn[8] == "  01:02:03 web-1 ready, 2 workers")
    #expect(drawn[23] == " d drain   p pause   t take-back   tab next page   ? help   q quit")
  }

  @Test("one that is held says by whom, and offers to go on")
  func paused() throws {
    var roll = Fleet.roll(.paused, .reload)
    roll.reason = "ada"
    let drawn = try drawn(roll)
    #expect(drawn[2] == "  web-1  reload                                                         paused")
    #expect(drawn[3] == "  ########################........................              1 of 2 workers")
    #expect(drawn[5] == "    1  ###########################################            2,499  as before")
    #expect(drawn[7] == "  paused before worker 1 by ada")
    #expect(drawn[23].contains("p proceed") && !drawn[23].contains("p pause"))
  }

  @Test("one that will be held says so while the worker in work is brought to its end")
  func held() throws {
    var roll = Fleet.roll(.handover)
    roll.reason = "ada"
    #expect(
      try drawn(roll)[2] == "  web-1  roll                                 worker 1: taking over, then held")
  }

  @Test("one that is taken back counts those that are as before")
  func back() throws {
    var roll = Fleet.roll(.preparing)
    roll.way = .back
    roll.slot = 0
    let drawn = try drawn(roll)
    #expect(drawn[2] == "  web-1  roll, taken back                              worker 0: getting ready")
    #expect(drawn[4].hasSuffix("2,500  in work") && drawn[5].hasSuffix("2,499  as before"))
  }

  @Test("the end stays to be seen, a stopped one with its reason and the way back")
  func ends() throws {
    var roll = Fleet.roll(.stopped, .reload)
    roll.reason = "worker 1: exit 2"
    let stopped = try drawn(roll)
    #expect(stopped[2] == "  Nothing is being drained or rolled. 4,999 sockets are open.")
    #expect(stopped[3] == "  r begins a roll, d begins a drain, after a question.")
    #expect(
      stopped[5].hasPrefix("  web-1  last reload stopped: worker 1: exit 2 (1 of 2 replaced, the others u."))
    #expect(stopped[23].contains("t take-back"))
    let done = try drawn(Fleet.roll(.done, .upgrade))
    #expect(done[5].hasPrefix("  web-1  last upgrade done: 2 workers replaced, 2500 sockets handed over"))
    #expect(!done[23].contains("take-back"))
  }

  @Test("of many workers those around the one in work are shown, at any height", arguments: 16...40)
  func manyWorkers(height: Int) throws {
    var snapshot = try Fleet.snapshot()
    var roll = Fleet.roll(.handover)
    roll.of = 64
    roll.done = 40
    roll.slot = 40
    snapshot.hosts[0].record.roll = roll
    let pattern = snapshot.hosts[0].workers[0]
    snapshot.hosts[0].workers = (0..<64).map { slot in
      var worker = pattern
      worker.slot = slot
      return worker
    }
    var view = try Fleet.view(.restart)
    view.snapshot = snapshot
    let drawn = Fleet.lines(view, 80, height, ascii: true)
    #expect(drawn.contains { $0.hasPrefix("   40  ###") && $0.hasSuffix("in work") })
    #expect(drawn.contains { $0.hasPrefix("  handed over 2,500") })
  }

  @Test("two hosts that roll are both seen, as far as there is room")
  func twoHosts() throws {
    var snapshot = try Fleet.snapshot(roll: Fleet.roll(.proving))
    var other = snapshot.hosts[0]
    other.record.id = try Fleet.name("web-2")
    snapshot.hosts.append(other)
    var view = try Fleet.view(.restart)
    view.snapshot = snapshot
    let drawn = Fleet.lines(view, 80, 24, ascii: true)
    #expect(
      drawn.contains { $0.hasPrefix("  web-1  roll") } && drawn.contains { $0.hasPrefix("  web-2  roll") })
    #expect(drawn.contains("  01:02:03 web-1 ready, 2 workers"))
  }

  @Test("any phase at any size is drawn within it", arguments: RollPhase.allCases)
  func anySize(_ phase: RollPhase) throws {
    for (width, height) in [(60, 16), (61, 17), (80, 24), (250, 80)] {
      let drawn = try drawn(Fleet.roll(phase), width, height)
      #expect(drawn.count == height && drawn.allSatisfy { displayWidth($0) <= width })
    }
  }
}
