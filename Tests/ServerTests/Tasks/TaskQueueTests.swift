import Bytes
import EventLoop
import FleetState
import RedisClient
import Testing

@testable import Server

/// The steps of a task against a real Redis, taken by several workers in whatever order.
@Suite struct TaskQueueTests {
  private let local: LocalRedis
  private let keys: RedisKeys
  private let workers: [TaskQueue]

  init() throws {
    let local = try LocalRedis()
    let keys = RedisKeys(namespace: try #require(Name("test")))
    let host = try #require(Name("h"))
    self.local = local
    self.keys = keys
    workers = (0..<3).map { TaskQueue(local.redis, keys: keys, host: host, slot: $0) }
    try local.ask("XGROUP", "CREATE", keys.tasks, TaskQueue.group, "0", "MKSTREAM")
  }

  private func accept(_ body: String, id: String) throws -> Name {
    let bytes = Array(body.utf8)
    let request = try TaskRequest(bytes.span)
    let record = TaskRecord(try #require(Name(id)), request, at: 1)
    let acceptance = try local.answer { workers[0].accept(record, request, then: $0) }
    guard case .accepted(let name, _) = acceptance else { throw LocalRedis.Missing() }
    return name
  }

  private func read(_ worker: TaskQueue, _ count: Int = 10) throws -> [TaskQueue.Entry] {
    let value = try local.ask(
      "XREADGROUP", "GROUP", TaskQueue.group, worker.consumer, "COUNT", "\(count)", "STREAMS", keys.tasks, ">"
    )
    let parts = value.elements.first?.elements ?? []
    return parts.count == 2 ? worker.entries(parts[1]) : []
  }

  private func begin(_ worker: TaskQueue, _ entry: TaskQueue.Entry) throws -> TaskRecord? {
    guard case .begun(let record, _) = try local.answer({ worker.begin(entry, at: 2, then: $0) }) else {
      return nil
    }
    return record
  }

  private func done(_ worker: TaskQueue, _ entry: TaskQueue.Entry) throws -> Bool {
    let event = TaskEvent(entry.task, .done, attempt: entry.attempt, at: 3)
    let ending = TaskQueue.Ending(verdict: .done, event: event, effect: ("effect", "word"))
    guard case .settled = try local.answer({ worker.settle(entry, ending, then: $0) }) else { return false }
    return true
  }

  /// How often the bus carries the effect of each task.
  private func effects() throws -> [String: Int] {
    var effects: [String: Int] = [:]
    for entry in try local.ask("XRANGE", keys.bus(0), "-", "+").entries {
      for (name, value) in entry.fields where name == "t" { effects[value, default: 0] += 1 }
    }
    return effects
  }

  @Test("a worker that was thought dead changes nothing any more")
  func fenced() throws {
    let id = try accept(#"{"kind": "broadcast", "payload": "x"}"#, id: "a")
    let entry = try #require(read(workers[0]).first)
    #expect(try begin(workers[0], entry)?.runs == 1)
    #expect(try begin(workers[1], entry) == nil)
    #expect(try done(workers[1], entry) == false)
    let claimed = try local.answer { workers[1].claim(atMost: 10, after: .zero, then: $0) }
    #expect(claimed == [entry])
    #expect(try local.answer { workers[0].renew([entry], then: $0) } == [entry.id])
    #expect(try done(workers[0], entry) == false)
    #expect(try effects().isEmpty)
    #expect(try begin(workers[1], entry)?.runs == 2)
    #expect(try done(workers[1], entry))
    #expect(try done(workers[1], entry) == false)
    #expect(try effects() == [id.text: 1])
    #expect(try local.ask("XLEN", keys.tasks).integer == 0)
    #expect(try local.ask("XPENDING", keys.tasks, TaskQueue.group).elements.first?.integer == 0)
  }

  @Test("a sleep's end is stored when it first begins, and stays")
  func due() throws {
    _ = try accept(#"{"kind": "sleep", "payload": 50}"#, id: "a")
    let entry = try #require(read(workers[0]).first)
    let first = try #require(try begin(workers[0], entry)?.due)
    _ = try local.answer { workers[1].claim(atMost: 1, after: .zero, then: $0) }
    let again = try begin(workers[1], entry)?.due
    #expect(again == first)
    #expect(first > 1_600_000_000_000)
  }

  @Test("what is due later comes back when it is due, as the attempt it was put off for")
  func later() throws {
    _ = try accept(#"{"kind": "sleep", "client_id": "ada"}"#, id: "a")
    let entry = try #require(read(workers[0]).first)
    _ = try begin(workers[0], entry)
    _ = try local.answer { workers[0].settle(entry, .init(verdict: .later(50, attempt: 4)), then: $0) }
    #expect(try read(workers[1]).isEmpty)
    var next: [TaskQueue.Entry] = []
    try local.wait {
      workers[1].promote { _, unfinished in #expect(unfinished == 1) }
      next += (try? read(workers[1])) ?? []
      return !next.isEmpty
    }
    #expect(next.map(\.attempt) == [4])
    #expect(next.map(\.client) == [ClientID("ada")])
  }

  @Test("the same key leads to the first task, and stores no second")
  func key() throws {
    let body = #"{"kind": "sleep", "idempotency_key": "k"}"#
    let first = try accept(body, id: "a")
    #expect(try accept(body, id: "b") == first)
    #expect(try local.ask("XLEN", keys.tasks).integer == 1)
    #expect(try local.ask("ZCARD", keys.tasksAll).integer == 1)
  }

  @Test("what is no task of ours is taken off the queue")
  func strange() throws {
    try local.ask("XADD", keys.tasks, "*", "x", "y")
    try local.ask("XADD", keys.tasks, "*", "task", "a b")
    try local.ask("XADD", keys.tasks, "*", "task", "gone", "attempt", "9223372036854775807")
    let entries = try read(workers[0])
    #expect(entries.map(\.task.text) == ["gone"])
    #expect(entries[0].attempt < 1_000_001)
    #expect(try begin(workers[0], entries[0]) == nil)
    try local.wait { (try? local.ask("XLEN", keys.tasks).integer) == 0 }
  }

  @Test("a worker leaves no name behind, unless it leaves work")
  func retire() throws {
    _ = try accept(#"{"kind": "sleep"}"#, id: "a")
    let entry = try #require(read(workers[0]).first)
    workers[0].retire()
    #expect(try local.ask("XINFO", "CONSUMERS", keys.tasks, TaskQueue.group).elements.count == 1)
    let back = TaskQueue.Ending(verdict: .back(attempt: 1))
    _ = try local.answer { workers[0].settle(entry, back, then: $0) }
    workers[0].retire()
    #expect(try local.ask("XINFO", "CONSUMERS", keys.tasks, TaskQueue.group).elements.isEmpty)
    #expect(try read(workers[1]).count == 1)
  }

  @Test(
    "whatever order three workers do, repeat and forget their steps in, each effect is there once",
    arguments: 1...8)
  func anyOrder(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for number in 0..<40 { _ = try accept(#"{"kind": "broadcast", "payload": "x"}"#, id: "t\(number)") }
    var known: [[TaskQueue.Entry]] = [[], [], []]
    var steps = 0
    while try local.ask("XLEN", keys.tasks).integer ?? 0 > 0, steps < 20_000 {
      steps += 1
      let index = Int.random(in: 0..<3, using: &random)
      let worker = workers[index]
      switch Int.random(in: 0..<8, using: &random) {
      case 0: known[index] += try read(worker, Int.random(in: 1...5, using: &random))
      case 1: known[index] += try local.answer { worker.claim(atMost: 5, after: .zero, then: $0) }
      // It dies, and whoever follows it knows nothing.
      case 2: known[index] = []
      case 3:
        guard let entry = known[index].randomElement(using: &random) else { continue }
        let back = TaskQueue.Ending(verdict: .back(attempt: 1))
        _ = try local.answer { worker.settle(entry, back, then: $0) }
      // What it had is offered again, by it or by another who has heard of it.
      case 4: known[index] += known[(index + 1) % 3]
      case 5:
        if let entry = known[index].randomElement(using: &random) { _ = try begin(worker, entry) }
      case _:
        if let entry = known[index].randomElement(using: &random) { _ = try done(worker, entry) }
      }
    }
    let effects = try effects()
    #expect(effects.count == 40 && effects.values.allSatisfy { $0 == 1 }, "seed \(seed)")
    #expect(
      try local.ask("XPENDING", keys.tasks, TaskQueue.group).elements.first?.integer == 0, "seed \(seed)")
  }
}
