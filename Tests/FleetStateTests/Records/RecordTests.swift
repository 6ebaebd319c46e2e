import Bytes
import Testing

@testable import FleetState

@Suite("Every record") struct RecordTests {
  private let host = Name("web-1")

  private func hostRecord() throws -> HostRecord {
    var record = HostRecord(id: try #require(host))
    record.address = "10.0.0.7:8000"
    record.pid = 4711
    record.build = "1.0.0"
    record.started = 1_700_000_000_123
    record.workers = 4
    record.state = .draining
    record.redis = .embedded
    record.listen = ["127.0.0.1:8000", "[::1]:8000"]
    record.restarts = 2
    record.crashes = 1
    record.totals.messagesIn = 99
    record.totals.deliveries = 1_000_000
    record.vitals.loopLagMicros = 1200
    record.vitals.redisMicros = 300
    record.vitals.acceptQueue = 4
    record.vitals.acceptedPerSecond = 55
    record.drain = DrainProgress(
      phase: .waiting, preset: .patient, open: 3, total: 9, remaining: .seconds(4), ledger: Ledger(start: 9))
    var roll = RollProgress(.reload, .paused, of: 4)
    roll.slot = 2
    roll.done = 2
    roll.reason = "ada"
    record.roll = roll
    return record
  }

  private func workerRecord() throws -> WorkerRecord {
    var record = WorkerRecord(host: try #require(host), slot: 3)
    record.pid = 12
    record.generation = 5
    record.state = .backoff
    record.sockets = PerHall(ws: 1, chat: 2, clients: 3, tasks: 4)
    record.traffic.bytesOut = 7
    record.tasks.running = 2
    record.tasks.accepted = 9
    record.tasks.done = 5
    record.tasks.retried = 1
    record.tasks.failed = 3
    record.errors = ["reset": 2, "close:1006": 4]
    record.lagP99Micros = 120
    record.lagMaxMicros = 900
    record.memoryBytes = 1 << 24
    record.slowConsumers = 1
    record.redis = .readonly
    record.ledger = Ledger(start: 2)
    return record
  }

  @Test("survives its fields")
  func roundTrips() throws {
    let host = try #require(host)
    let hostRecord = try hostRecord()
    #expect(HostRecord(hostRecord.fields) == hostRecord)
    let worker = try workerRecord()
    #expect(WorkerRecord(worker.fields) == worker)
    var sample = Sample(host: host)
    sample.sockets = 5
    sample.redisMicros = 80
    #expect(Sample(sample.fields) == sample)
    #expect(sample.fields.list.count == 3, "zeros are not written")
    let id = try #require(Name("c-1"))
    let command = ControlCommand(
      id: id, verb: .drain, target: .worker(host, slot: 2), preset: .pod(seconds: 20), deadline: 5,
      issuer: "ada", arguments: ["message": "two words\n", "halls": "ws"])
    #expect(ControlCommand(command.fields) == command)
    let event = FleetEvent(
      .crashed, host: host, slot: 1, text: "signal 11", command: id, answer: .refused(reason: "busy"),
      details: ["pid": "7"])
    #expect(FleetEvent(event.fields) == event)
  }

  @Test("with any field missing still reads, or is refused, and never traps")
  func missing() throws {
    let whole = try hostRecord().fields.list
    for skipped in whole.indices {
      var pairs = whole.map { ($0.name, $0.value) }
      pairs.remove(at: skipped)
      let record = HostRecord(Fields(pairs))
      #expect((record == nil) == (whole[skipped].name == "id"))
    }
    let worker = try workerRecord().fields.list
    for skipped in worker.indices {
      var pairs = worker.map { ($0.name, $0.value) }
      pairs.remove(at: skipped)
      let record = WorkerRecord(Fields(pairs))
      #expect((record == nil) == ["host", "slot"].contains(worker[skipped].name))
    }
  }

  @Test("with hostile values reads without a trap and shows nothing harmful", arguments: 0..<300)
  func hostile(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let nasty = [
      "", "-1", "9223372036854775807", "-9223372036854775808", "99999999999999999999", "\u{1B}[2J",
      "\u{202E}x",
      String(repeating: "A", count: 5000), "start=9223372036854775807", "pacing now 1 1 1 start=1 left=1",
      "a=b=c",
      "close=9223372036854775807 close=1", "*", "web-1", "serving", "3",
    ]
    var names = try hostRecord().fields.list + workerRecord().fields.list
    names += ControlCommand(id: try #require(host), verb: .kick).fields.list
    names += FleetEvent(.load, host: try #require(host)).fields.list
    let pairs = names.map { field in
      (field.name, Bool.random(using: &random) ? nasty.randomElement(using: &random) ?? "" : field.value)
    }
    let fields = Fields(pairs)
    if let record = HostRecord(fields) {
      let shown = [record.address, record.build] + record.listen
      #expect(shown.allSatisfy { !$0.unicodeScalars.contains("\u{1B}") && $0.count <= 257 }, "seed \(seed)")
      #expect(record.workers <= 1024, "seed \(seed)")
    }
    if let record = WorkerRecord(fields) {
      var sum = PerHall()
      sum += record.sockets
      sum += record.sockets
      var traffic = record.traffic
      traffic += record.traffic
      #expect(sum.total >= 0 && traffic.bytesIn >= 0, "seed \(seed)")
    }
    if let event = FleetEvent(fields) { #expect(!event.text.unicodeScalars.contains("\u{202E}")) }
    _ = ControlCommand(fields)
    _ = Sample(fields)
  }

  @Test(
    "a command half understood is not obeyed",
    arguments: [
      ("verb", "explode"), ("target", ""), ("target", "a/b/c"), ("target", "web-1/-1"), ("target", "web 1"),
      ("preset", "soon"), ("deadline", "tomorrow"), ("id", "a:b"),
    ])
  func halfUnderstood(field: String, value: String) throws {
    let command = ControlCommand(
      id: try #require(Name("c-1")), verb: .drain, target: .all, preset: .now, deadline: 1)
    let pairs = command.fields.list.map { ($0.name, $0.name == field ? value : $0.value) }
    #expect(ControlCommand(Fields(pairs)) == nil)
  }

  @Test("a command reaches the hosts it names")
  func targets() throws {
    let one = try #require(host)
    let other = try #require(Name("web-2"))
    #expect(ControlCommand.Target.all.includes(one))
    #expect(ControlCommand.Target.host(one).includes(one) && !ControlCommand.Target.host(one).includes(other))
    #expect(ControlCommand.Target("web-1/3") == .worker(one, slot: 3))
    #expect(ControlCommand.Target("*") == .all)
  }
}
