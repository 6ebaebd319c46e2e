import FleetState
import Testing
import TextUI

@testable import Console

/// A fleet to look at: one host with two workers and 4,999 sockets.
enum Fleet {
  static func name(_ text: String) throws -> Name { try #require(Name(text)) }

  static func snapshot(drain: DrainProgress? = nil, roll: RollProgress? = nil) throws -> Snapshot {
    var host = HostRecord(id: try name("web-1"))
    host.state = drain == nil ? .serving : .draining
    host.workers = 2
    host.started = 1_000_000
    host.listen = ["127.0.0.1:8000"]
    host.drain = drain
    host.roll = roll
    host.totals.accepted = 5123
    host.totals.messagesIn = 1_234_567
    var first = WorkerRecord(host: host.id, slot: 0)
    first.pid = 4711
    first.generation = 1
    first.state = .serving
    first.sockets.ws = 2500
    first.traffic.messagesIn = 600_000
    first.lagMaxMicros = 850
    first.memoryBytes = 18 << 20
    var second = first
    second.slot = 1
    second.pid = 4712
    second.generation = 3
    second.sockets.ws = 2499
    second.errors = ["reset": 7]
    var snapshot = Snapshot(namespace: try name("default"), time: 4_600_000, redis: .up, redisMicros: 87)
    snapshot.join(hosts: [host], workers: [first, second])
    return snapshot
  }

  static func view(_ page: View.Page, drain: DrainProgress? = nil, roll: RollProgress? = nil) throws -> View {
    var view = View()
    view.page = page
    view.snapshot = try snapshot(drain: drain, roll: roll)
    view.redis = .up
    view.now = 4_600_500
    let host = try name("web-1")
    for second in 0..<20 {
      var sample = Sample(host: host)
      sample.sockets = second * 250
      sample.messagesInPerSecond = second % 5 * 1000
      sample.lagMaxMicros = 300
      view.history.add(sample, at: EntryID(milliseconds: UInt64(second) * 1000, sequence: 0))
    }
    let event = FleetEvent(.started, host: host, text: "ready, 2 workers")
    view.add(event, at: EntryID(milliseconds: 3_723_000, sequence: 0))
    return view
  }

  /// A roll with the first of two workers replaced.
  static func roll(_ phase: RollPhase, _ kind: RollKind = .roll) -> RollProgress {
    var roll = RollProgress(kind, phase, of: 2)
    roll.slot = phase == .done ? nil : 1
    roll.done = phase == .done ? 2 : 1
    roll.sockets = 4999
    roll.handed = 2500
    roll.longestFreezeMicros = 8311
    roll.latest = Handover(sockets: 2500, freezeMicros: 8311)
    roll.spent = .milliseconds(1400)
    return roll
  }

  static func lines(_ view: View, _ width: Int = 80, _ height: Int = 24, ascii: Bool = false) -> [String] {
    Screen.draw(view, size: Size(width, height), isASCII: ascii).lines
  }
}

/// A key that has to mean something, pressed where `#expect` could not: it changes what it is pressed in.
func taken(_ meant: Bool, at place: SourceLocation = #_sourceLocation) {
  #expect(meant, sourceLocation: place)
}

func notTaken(_ meant: Bool, at place: SourceLocation = #_sourceLocation) {
  #expect(!meant, sourceLocation: place)
}
