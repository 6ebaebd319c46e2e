import EventLoop
import FleetState
import Glibc
import RedisClient

/// The supervisor's side of Redis: says once a second what this host is, hears what operators want, and how the other
/// hosts are.
///
/// In: a record when it is due, events, answers. Out: commands, health, the board's view of the fleet.
final class Registry {
  let endpoint: RedisEndpoint
  var record: (() -> HostRecord)?
  var onCommand: ((ControlCommand) -> FleetEvent.Answer)?
  /// The first answer ever, once.
  var onFirstContact: (() -> Void)?
  /// No answer within a moment at the start.
  var onAbsent: ((_ reason: String) -> Void)?
  /// No answer within `patience` at the start; without one there is no end to it.
  var onHopeless: ((_ reason: String) -> Void)?
  var patience: Duration?
  var onHealth: ((RedisHealth) -> Void)?
  /// Once a second: the other hosts that serve.
  var onSurvivors: (([Survivor]) -> Void)?

  private let loop: EventLoop
  private let keys: RedisKeys
  private let host: Name
  private let board: Board
  private let redis: Redis
  private let control: RedisStreams
  private let neighbours: Neighbours
  private var sampler: Sampler
  private var lastSample: Sample
  private var hasContact = false
  private var stopRenewing: (() -> Void)?
  private var isRenewalPlanned = false
  /// What an order brings about while it is taken: told behind the word that it was.
  private var behind: [FleetEvent]?
  /// Commands that have been read, in their order.
  private var unjudged: [Fields] = []
  private let lease = Lease()

  private static let absentAfter = Duration.seconds(1)
  private static let eventsKept = 10_000
  private static let samplesKept = 86_400
  private static let commandsKept = 1000
  private static let askAgain = Duration.milliseconds(100)

  init(_ loop: EventLoop, endpoint: RedisEndpoint, keys: RedisKeys, host: Name, board: Board) {
    self.loop = loop
    self.endpoint = endpoint
    self.keys = keys
    self.host = host
    self.board = board
    sampler = Sampler(host: host)
    lastSample = Sample(host: host)
    redis = Redis(loop, endpoint: endpoint, name: "sluice-\(host)")
    neighbours = Neighbours(redis, keys: keys, host: host)
    control = RedisStreams(
      loop, endpoint: endpoint, name: "sluice-control-\(host)", streams: [(keys.control, nil)])
  }

  var health: RedisHealth { redis.health }
  var lastError: RedisError? { redis.lastError }

  func start() {
    redis.onReady = { [unowned self] in
      if hasContact { return renewSoon() }
      control.open()
    }
    control.onFollowing = { [unowned self] in
      if hasContact { return }
      hasContact = true
      begin()
    }
    redis.onHealth = { [unowned self] in
      board.host.redis.health = $0
      onHealth?($0)
    }
    control.onEntry = { [unowned self] _, entry in judge(Fields(entry.pairs)) }
    neighbours.onSeen = { [unowned self] in seeFleet($0) }
    redis.open()
    loop.after(Self.absentAfter) { [unowned self] in
      if hasContact { return }
      board.host.redis.health = redis.health == .up ? .slow : redis.health
      onAbsent?(absence)
    }
    guard let patience else { return }
    loop.after(patience) { [unowned self] in if !hasContact { onHopeless?(absence) } }
  }

  /// What is wrong, by name, and in Redis' or the system's words.
  private var absence: String {
    let name = redis.health.rawValue
    return redis.lastError.map { "\(name) (\($0))" } ?? name
  }

  private func begin() {
    board.host.redis.health = redis.health
    claimEpoch()
    onFirstContact?()
    renew()
    stopRenewing = loop.every(lease.renewal) { [unowned self] in
      // First, because the record tells this second's figures, too.
      sample()
      renew()
    }
  }

  /// The streams' life gets a name, if it has none.
  private func claimEpoch() {
    var random = SystemRandomNumberGenerator()
    redis.send("SET", keys.epoch, Epoch.fresh(using: &random).text, "NX")
  }

  // MARK: What this host says

  /// Something changed that people are waiting to see: not a second later.
  func renewSoon() {
    if isRenewalPlanned { return }
    isRenewalPlanned = true
    loop.after(.milliseconds(50)) { [unowned self] in
      isRenewalPlanned = false
      renew()
    }
  }

  func renew() {
    guard redis.isReady, var record = record?() else { return }
    record.vitals.loopLagMicros = lastSample.lagMaxMicros
    record.vitals.redisMicros = redis.roundTripMicros
    record.vitals.acceptedPerSecond = lastSample.acceptedPerSecond
    let key = keys.host(host)
    redis.send(["HSET", key] + record.fields.list.flatMap { [$0.name, $0.value] })
    redis.send("SADD", keys.hosts, host.text)
    // The lease counts from this answer; the counts of others are asked for in the same breath.
    redis.send("PEXPIRE", key, "\(lease.milliseconds)") { [unowned self] answer in
      guard case .success = answer else { return }
      board.host.redisRoundTripMicroseconds = UInt64(redis.roundTripMicros)
    }
    neighbours.look()
  }

  private func seeFleet(_ view: Neighbours.View) {
    board.host.socketsElsewhere = view.sockets
    board.host.fleetSeenAt = loop.now.nanoseconds
    onSurvivors?(view.survivors)
  }

  /// Taken without Redis, too: the figures are those of one second.
  private func sample() {
    lastSample = sampler.take(board, redisMicros: redis.roundTripMicros)
    guard redis.isReady else { return }
    append(lastSample.fields, to: keys.samples, keeping: Self.samplesKept)
  }

  func tell(
    _ kind: FleetEvent.Kind, _ text: String, slot: Int? = nil, command: Name? = nil,
    answer: FleetEvent.Answer? = nil, details: [String: String] = [:]
  ) {
    tell(
      FleetEvent(
        kind, host: host, slot: slot, text: text, command: command, answer: answer, details: details))
  }

  func tell(_ event: FleetEvent) {
    if behind != nil { return behind = (behind ?? []) + [event] }
    append(event.fields, to: keys.events, keeping: Self.eventsKept)
  }

  private func append(_ fields: Fields, to key: String, keeping length: Int) {
    redis.send(["XADD", key, "MAXLEN", "~", "\(length)", "*"] + fields.list.flatMap { [$0.name, $0.value] })
  }

  /// What a worker's record says it has open; nil while nobody can tell.
  func sockets(ofWorker slot: Int, _ answer: @escaping (Int?) -> Void) {
    guard redis.isReady else { return answer(nil) }
    redis.send("HGETALL", keys.worker(host, slot: slot)) { result in
      guard case .success(let value) = result, !value.elements.isEmpty else { return answer(nil) }
      let words = value.elements.map { $0.text ?? "" }
      let fields = Fields(stride(from: 0, to: words.count - 1, by: 2).map { (words[$0], words[$0 + 1]) })
      answer(WorkerRecord(fields).map { record in Hall.allCases.reduce(0) { $0 + record.sockets[$1] } })
    }
  }

  /// A dead worker's share of every count goes at once, not with its lease.
  func forget(worker slot: Int) {
    redis.send("DEL", keys.worker(host, slot: slot), keys.sockets(host, slot: slot))
  }

  // MARK: What operators want

  /// Whether it is too late Redis' clock says: ours and that of whoever gave it may differ by more than it may wait.
  private func judge(_ fields: Fields) {
    if unjudged.count >= Self.commandsKept { return }
    unjudged.append(fields)
    if unjudged.count == 1 { askTime() }
  }

  private func askTime() {
    redis.time { [weak self] now in
      guard let self, !unjudged.isEmpty else { return }
      // They came over the other connection; this one will be back soon, or they too late.
      guard case .success(let now) = now else {
        loop.after(Self.askAgain) { [weak self] in self?.askTime() }
        return
      }
      let commands = unjudged
      unjudged.removeAll()
      for fields in commands { obey(fields, at: now) }
    }
  }

  private func obey(_ fields: Fields, at now: Int64) {
    guard let command = ControlCommand(fields) else { return refuse(fields) }
    guard command.target.includes(host) else { return }
    let answer: FleetEvent.Answer
    if let deadline = command.deadline, deadline < now {
      answer = .refused(reason: "its deadline had passed when it was read")
    } else {
      behind = []
      answer = onCommand?(command) ?? .refused(reason: "nobody listens")
    }
    let begun = letGo()
    tell(.command, "\(command.verb.word) by \(command.issuer)", command: command.id, answer: answer)
    for event in begun { tell(event) }
    redis.send("XTRIM", keys.control, "MAXLEN", "~", "\(Self.commandsKept)")
  }

  private func letGo() -> [FleetEvent] {
    defer { behind = nil }
    return behind ?? []
  }

  /// A command from a newer build, or a mistyped one: whoever gave it must not wait in vain.
  private func refuse(_ fields: Fields) {
    guard let id = fields.name("id"),
      let target = fields.raw("target").flatMap({ ControlCommand.Target($0) }), target.includes(host)
    else { return }
    tell(
      .command, "\(fields.text("verb", limit: 64)) by \(fields.text("issuer", limit: 64))", command: id,
      answer: .refused(reason: "this build does not understand it"))
  }

  // MARK: End

  /// Takes this host out of the fleet; `done` is called when that is known, or after a moment.
  func leave(_ done: @escaping () -> Void) {
    for event in letGo() { tell(event) }
    stopRenewing?()
    stopRenewing = nil
    control.close()
    unjudged.removeAll()
    var isDone = false
    let finish = { [unowned self] in
      if isDone { return }
      isDone = true
      redis.close()
      done()
    }
    guard redis.isReady, hasContact else { return finish() }
    tell(.stopped, "stopped")
    let workers = (0..<board.slotCount).map { keys.worker(host, slot: $0) }
    redis.send(["DEL", keys.host(host)] + workers)
    redis.send("SREM", keys.hosts, host.text) { _ in finish() }
    loop.after(.seconds(1)) { finish() }
  }
}
