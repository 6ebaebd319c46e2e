/// What a worker says of itself once a second, under `worker:<host>:<slot>`.
package struct WorkerRecord: Equatable, Sendable {
  package enum State: String, CaseIterable, Sendable {
    case starting, serving, draining, stopped
    /// Crashed too often; the supervisor waits before it tries again.
    case backoff
  }

  package var host: Name
  package var slot: Int
  package var pid: Int32 = 0
  package var generation = 0
  package var state = State.starting
  package var sockets = PerHall()
  package var traffic = Traffic()
  package var tasks = TaskTally()
  package var errors: [String: Int] = [:]
  /// How long one turn of the loop kept the others waiting, over the last second.
  package var lagP99Micros = 0
  package var lagMaxMicros = 0
  package var memoryBytes = 0
  package var slowConsumers = 0
  package var redis = RedisHealth.down
  package var ledger: Ledger?

  package init(host: Name, slot: Int) {
    self.host = host
    self.slot = slot
  }

  package var fields: Fields {
    var fields = Fields()
    fields.set("host", host.text)
    fields.set("slot", slot)
    fields.set("pid", pid)
    fields.set("generation", generation)
    fields.set("state", state.rawValue)
    for hall in Hall.allCases { fields.set("sockets_\(hall)", sockets[hall]) }
    traffic.encode(into: &fields)
    tasks.encode(into: &fields)
    fields.set("errors", counts: errors)
    fields.set("lag_p99_us", lagP99Micros)
    fields.set("lag_max_us", lagMaxMicros)
    fields.set("memory", memoryBytes)
    fields.set("slow_consumers", slowConsumers)
    fields.set("redis", redis.rawValue)
    fields.set("ledger", ledger?.text ?? "")
    return fields
  }

  package init?(_ fields: Fields) {
    guard let host = fields.name("host"), let slot: Int = fields.number("slot") else { return nil }
    guard (0..<1024).contains(slot) else { return nil }
    self.init(host: host, slot: slot)
    pid = fields.number("pid") ?? 0
    generation = fields.count("generation")
    state = fields.raw("state").flatMap(State.init) ?? .starting
    for hall in Hall.allCases { sockets[hall] = fields.count("sockets_\(hall)") }
    traffic = Traffic(fields)
    tasks = TaskTally(fields)
    errors = fields.counts("errors")
    lagP99Micros = fields.count("lag_p99_us")
    lagMaxMicros = fields.count("lag_max_us")
    memoryBytes = fields.count("memory")
    slowConsumers = fields.count("slow_consumers")
    redis = fields.raw("redis").flatMap(RedisHealth.init) ?? .down
    ledger = fields.raw("ledger").flatMap { Ledger($0) }
  }
}
