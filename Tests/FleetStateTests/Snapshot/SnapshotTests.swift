import JSONText
import Testing

@testable import FleetState

@Suite struct SnapshotTests {
  private func worker(_ host: String, _ slot: Int, sockets: PerHall) throws -> WorkerRecord {
    var worker = WorkerRecord(host: try #require(Name(host)), slot: slot)
    worker.sockets = sockets
    worker.state = .serving
    return worker
  }

  private func example() throws -> Snapshot {
    var a = HostRecord(id: try #require(Name("a")))
    a.totals.messagesIn = 3
    a.state = .draining
    var ledger = Ledger(start: 9)
    ledger.settle(.left, 4)
    a.drain = DrainProgress(
      phase: .waiting, preset: .swift, open: 5, total: 9, remaining: .milliseconds(1500), ledger: ledger)
    var roll = RollProgress(.reload, .proving, of: 2)
    roll.slot = 1
    roll.done = 1
    roll.handed = 7
    a.roll = roll
    var b = HostRecord(id: try #require(Name("b")))
    b.totals.messagesIn = 4
    var early = Sample(host: b.id)
    early.messagesInPerSecond = 1
    var late = early
    late.messagesInPerSecond = 2
    var snapshot = Snapshot(namespace: try #require(Name("ns")), time: 7, redis: .up, epoch: Epoch("e"))
    snapshot.join(
      hosts: [b, a],
      workers: [
        try worker("a", 1, sockets: PerHall(ws: 2)), try worker("gone", 0, sockets: PerHall(ws: 50)),
        try worker("b", 0, sockets: PerHall(ws: 4, tasks: 1)), try worker("a", 0, sockets: PerHall(chat: 3)),
      ], samples: [early, late])
    return snapshot
  }

  @Test("records join into hosts by id with their workers by slot, and the dead host's worker is left out")
  func join() throws {
    let snapshot = try example()
    #expect(snapshot.hosts.map(\.record.id.text) == ["a", "b"])
    #expect(snapshot.hosts[0].workers.map(\.slot) == [0, 1])
    #expect(snapshot.sockets == PerHall(ws: 6, chat: 3, tasks: 1))
    #expect(snapshot.workers == 3 && snapshot.traffic.messagesIn == 7)
    #expect(snapshot.hosts[1].sample?.messagesInPerSecond == 2)
  }

  @Test("a fleet of nobody is not well")
  func nobody() throws {
    let snapshot = Snapshot(namespace: try #require(Name("shop")), time: 0, redis: .up)
    var writer = JSONWriter()
    snapshot.write(to: &writer)
    #expect(writer.text.contains(#""status":"degraded""#))
  }

  @Test("its JSON has what the contract promises")
  func json() throws {
    var writer = JSONWriter()
    try example().write(to: &writer)
    let json = try JSONValue.read(writer.text)
    #expect(json["schema"]?.integer == 1)
    #expect(json["redis"]?["state"]?.string == "up")
    #expect(json["totals"]?["sockets"]?.integer == 10)
    let host = json["hosts"]?[0]
    #expect(host?["state"]?.string == "draining")
    #expect(host?["drain"]?["phase"]?.string == "waiting")
    #expect(host?["drain"]?["remaining_ms"]?.integer == 1500)
    #expect(host?["drain"]?["ledger"]?["left"]?.integer == 4)
    #expect(host?["roll"]?["phase"]?.string == "proving" && host?["roll"]?["slot"]?.integer == 1)
    #expect(host?["roll"]?["handed"]?.integer == 7 && host?["roll"]?["reason"]?.isNull == true)
    #expect(json["hosts"]?[1]?["roll"]?.isNull == true)
    #expect(host?["rates"]?.isNull == true)
    let worker = host?["workers"]?[1]
    #expect(worker?["sockets"]?.integer == 2 && worker?["halls"]?["ws"]?.integer == 2)
    #expect(worker?["state"]?.string == "serving" && worker?["drain"]?.isNull == true)
    #expect(worker?["totals"]?["messages_in"]?.integer == 0)
    #expect(json["hosts"]?[1]?["rates"]?["messages_in"]?.integer == 2)
  }
}
