/// What a host says of itself once a second, under `host:<id>`.
package struct HostRecord: Equatable, Sendable {
  package enum State: String, CaseIterable, Sendable {
    case starting, serving, draining, upgrading, stopped
  }

  /// Whose Redis it is.
  package enum RedisMode: String, CaseIterable, Sendable { case embedded, external }

  package var id: Name
  package var address = ""
  package var pid: Int32 = 0
  package var build = ""
  /// Unix time in milliseconds.
  package var started: Int64 = 0
  /// Worker slots, filled or not.
  package var workers = 0
  package var state = State.starting
  package var redis = RedisMode.external
  package var listen: [String] = []
  /// Open now, over all workers.
  package var sockets = 0
  package var vitals = Vitals()
  package var drain: DrainProgress?
  /// The roll that is on, or the end of the last one.
  package var roll: RollProgress?
  package var totals = Traffic()
  package var restarts = 0
  package var crashes = 0
  /// Worker slots whose sockets would survive their worker now.
  package var guarded = 0

  package init(id: Name) { self.id = id }

  package var fields: Fields {
    var fields = Fields()
    fields.set("id", id.text)
    fields.set("address", address)
    fields.set("pid", pid)
    fields.set("build", build)
    fields.set("started", started)
    fields.set("workers", workers)
    fields.set("state", state.rawValue)
    fields.set("redis", redis.rawValue)
    fields.set("listen", listen.joined(separator: " "))
    fields.set("sockets", sockets)
    fields.set("restarts", restarts)
    fields.set("crashes", crashes)
    fields.set("guarded", guarded)
    totals.encode(into: &fields)
    vitals.encode(into: &fields)
    // Written even when there is none: a hash keeps what is not overwritten.
    fields.set("drain", drain?.text ?? "")
    fields.set("roll", roll?.text ?? "")
    return fields
  }

  /// `nil` if it does not even say whose it is.
  package init?(_ fields: Fields) {
    guard let id = fields.name("id") else { return nil }
    self.id = id
    address = fields.text("address")
    pid = fields.number("pid") ?? 0
    build = fields.text("build", limit: 64)
    started = fields.number("started") ?? 0
    workers = min(fields.count("workers"), 1024)
    state = fields.raw("state").flatMap(State.init) ?? .starting
    redis = fields.raw("redis").flatMap(RedisMode.init) ?? .external
    listen = fields.words("listen")
    sockets = fields.count("sockets")
    restarts = fields.count("restarts")
    crashes = fields.count("crashes")
    guarded = min(fields.count("guarded"), 1024)
    totals = Traffic(fields)
    vitals = Vitals(fields)
    drain = fields.raw("drain").flatMap { DrainProgress($0) }
    roll = fields.raw("roll").flatMap { RollProgress($0) }
  }
}
