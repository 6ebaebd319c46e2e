import FleetState
import Testing

@testable import Console

@Suite struct FollowingTests {
  private func following(_ goal: Following.Goal, hosts: [String] = ["web-1"]) throws -> Following {
    Following(goal, command: try Fleet.name("c-1"), hosts: try hosts.map { try Fleet.name($0) })
  }

  private func step(_ roll: RollProgress, _ host: String = "web-1") throws -> FleetEvent {
    FleetEvent.roll(roll, host: try Fleet.name(host))
  }

  // MARK: Rolls

  @Test("a roll is one line for each step, and good when it is done")
  func roll() throws {
    var following = try following(.rolled(.done))
    #expect(
      following.hear(try step(Fleet.roll(.proving))) == [
        "web-1: worker 1: 2500 sockets handed over in 8.3 ms"
      ])
    #expect(!following.isOver)
    let end = following.hear(try step(Fleet.roll(.done)))
    #expect(
      end == ["web-1: done: 2 workers replaced, 2500 sockets handed over, longest freeze 8.3 ms, in 1.4 s"])
    #expect(following.isOver && following.result == .good)
    #expect(
      following.hear(try step(Fleet.roll(.proving))) == [], "what comes behind the end is the next roll's")
    #expect(following.json.contains(#""longest_freeze_us": 8311"#))
  }

  @Test(
    "a roll that stops, or is taken back by somebody else, has failed",
    arguments: [RollPhase.stopped, .takenback])
  func stopped(_ phase: RollPhase) throws {
    var following = try following(.rolled(.done))
    _ = following.hear(try step(Fleet.roll(phase)))
    #expect(following.isOver && following.result == .failed)
  }

  @Test("every host has to come to its end, and one bad one spoils it")
  func hosts() throws {
    var following = try following(.rolled(.done), hosts: ["web-2", "web-1"])
    _ = following.hear(try step(Fleet.roll(.done)))
    #expect(!following.isOver)
    _ = following.hear(try step(Fleet.roll(.done), "web-3"))
    #expect(!following.isOver, "nobody asked that one")
    _ = following.hear(try step(Fleet.roll(.stopped), "web-2"))
    #expect(following.isOver && following.result == .failed)
  }

  @Test("a pause is waited for until it holds; a roll that is over before needs none")
  func pause() throws {
    var following = try following(.rolled(.paused))
    var other = following
    _ = following.hear(try step(Fleet.roll(.proving)))
    #expect(!following.isOver)
    _ = following.hear(try step(Fleet.roll(.paused)))
    #expect(following.isOver && following.result == .good)
    _ = other.hear(try step(Fleet.roll(.done)))
    #expect(other.isOver && other.result == .good)
  }

  @Test("a pause on the way is told and waited out")
  func paused() throws {
    var following = try following(.rolled(.done))
    #expect(following.hear(try step(Fleet.roll(.paused))) == ["web-1: paused before worker 1"])
    #expect(!following.isOver)
  }

  // MARK: Drains

  @Test("a drain ends with its ledger; one lost socket is a failure")
  func drain() throws {
    for (text, result) in [
      ("start=9 left=9", Following.Result.good), ("start=9 left=8 lost=1", .failed),
    ] {
      var following = try following(.drained)
      let ledger = try #require(Ledger(text))
      let event = FleetEvent(.drain, host: try Fleet.name("web-1"), details: ["ledger": ledger.text])
      #expect(following.hear(event) == ["web-1: \(ledger.text)"])
      #expect(following.isOver && following.result == result)
    }
  }

  // MARK: Rebalance and audit

  @Test("a rebalance and an audit answer to their own command only")
  func ownCommand() throws {
    let host = try Fleet.name("web-1")
    let moved = Handover(sockets: 8, freezeMicros: 90)
    var following = try following(.rebalanced)
    let stranger = FleetEvent.rebalanced(moved, workers: 2, host: host, command: try Fleet.name("c-2"))
    #expect(following.hear(stranger) == [] && !following.isOver)
    var failing = following
    _ = following.hear(.rebalanced(moved, workers: 2, host: host, command: try Fleet.name("c-1")))
    #expect(following.isOver && following.result == .good)
    #expect(following.json == "{\n  \"web-1\": {\n    \"moved\": 8,\n    \"longest_freeze_us\": 90\n  }\n}\n")
    _ = failing.hear(.rebalanceFailed("worker 1 is full", host: host, command: try Fleet.name("c-1")))
    #expect(failing.isOver && failing.result == .failed)
  }

  @Test("an audit prints its findings, and is good when nothing is left to put right")
  func audit() throws {
    let host = try Fleet.name("web-1")
    var report = AuditReport(checked: 500)
    report.add(.init(slot: 1, what: "ghost", count: 3, fixed: 1, text: "listed and not there"))
    report.add(.init(what: "count", text: "the host says 501"))
    var following = try following(.audited)
    let lines = following.hear(.audited(report, host: host, command: try Fleet.name("c-1")))
    #expect(
      lines == [
        "web-1: 500 sockets checked, 2 findings, 0 fixed",
        "  worker 1: ghost ×3, 1 fixed: listed and not there",
        "  host: count ×1, not fixed: the host says 501",
      ])
    #expect(following.isOver && following.result == .failed)
    var clean = try self.following(.audited)
    _ = clean.hear(.audited(AuditReport(checked: 500), host: host, command: try Fleet.name("c-1")))
    #expect(clean.isOver && clean.result == .good)
  }

  // MARK: Nobody there

  @Test("a host whose record is gone is given two seconds, for its last word may be on its way")
  func gone() throws {
    var following = try following(.rolled(.done))
    var snapshot = try Fleet.snapshot()
    #expect(following.see(snapshot) == [])
    snapshot.hosts = []
    #expect(following.see(snapshot) == [])
    snapshot.time += 1999
    #expect(following.see(snapshot) == [])
    snapshot.time += 1
    #expect(following.see(snapshot) == ["web-1: gone without a word"])
    #expect(following.isOver && following.result == .unreachable)
  }

  @Test("a drain that somebody takes back has failed, and is waited for no longer")
  func undrained() throws {
    var following = try following(.drained)
    let event = FleetEvent(.resumed, host: try Fleet.name("web-1"), text: "drain taken back: 5 sockets kept")
    #expect(following.hear(event) == ["web-1: drain taken back: 5 sockets kept"])
    #expect(following.isOver && following.result == .failed)
    #expect(following.json.contains(#""web-1": null"#))
  }

  @Test("one that comes back in time is waited for")
  func back() throws {
    var following = try following(.rolled(.done))
    let there = try Fleet.snapshot()
    var away = there
    away.hosts = []
    #expect(following.see(away) == [])
    var later = there
    later.time += 1500
    #expect(following.see(later) == [])
    away.time += 3000
    #expect(following.see(away) == [], "the count begins anew")
  }

  @Test("without Redis a drain has failed and a roll is out of reach; each host is told once")
  func giveUp() throws {
    var roll = try following(.rolled(.done), hosts: ["web-1", "web-2"])
    _ = roll.hear(try step(Fleet.roll(.done)))
    #expect(roll.giveUp("Redis is away") == ["web-2: Redis is away"])
    #expect(roll.giveUp("Redis is away") == [] && roll.result == .unreachable)
    #expect(roll.json.contains(#""web-2": null"#))
    var drain = try following(.drained)
    _ = drain.giveUp("Redis is away")
    #expect(drain.result == .failed)
  }
}
