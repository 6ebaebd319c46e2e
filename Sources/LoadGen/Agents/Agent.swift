import Bytes
import CommandLine
import EventLoop
import FleetState
import RedisClient

/// Waits on Redis for runs, and carries out its part of them with generator processes of its own.
///
/// In: orders. Out: what its crew tells, packet by packet. It lives by a lease, and so does the run it belongs to:
/// when nobody renews the run's claim any more, it ends its part and waits for the next.
final class Agent {
  /// For people: what happens.
  var onWord: ((String) -> Void)?

  private enum State {
    case waiting
    case prepared(Part)
    case running(Part, Crew, Returns)
  }

  private struct Part {
    let task: Task
    let plan: Plan
    let run: Name
    let dispatch: Dispatch
  }

  private let loop: EventLoop
  private let endpoint: RedisEndpoint
  private let keys: RedisKeys
  private let record: AgentRecord
  private let redis: Redis
  private let orders: RedisStreams
  private var arrivals = Arrivals()
  private var clock = SharedClock()
  private var state = State.waiting
  /// It was said that Redis is not well.
  private var isCutOff = false

  /// Redis may start at the same time.
  private static let patience = Duration.seconds(2)

  init(_ loop: EventLoop, _ place: Whereabouts, name: Name) {
    self.loop = loop
    endpoint = place.redis
    keys = place.keys
    record = AgentRecord(
      id: AgentRecord.fresh(name, Machine.random()), name: name, host: Machine.hostName, version: Main.version
    )
    redis = Redis(loop, endpoint: place.redis, name: "wsload-agent")
    orders = RedisStreams(
      loop, endpoint: place.redis, name: "wsload-agent",
      streams: [(key: keys.loadOrders(record.id), after: .zero)])
  }

  func begin() {
    orders.onEntry = { [unowned self] _, entry in take(entry) }
    orders.onFollowing = { [unowned self] in
      renew()
      onWord?("agent \(record.name) waits for runs")
      orders.onFollowing = nil
    }
    redis.onHealth = { [unowned self] in tell($0) }
    loop.after(Self.patience) { [weak self] in self.map { $0.tell($0.redis.health) } }
    redis.open()
    orders.open()
    _ = loop.every(AgentRecord.lease.renewal) { [weak self] in self?.renew() }
  }

  private func tell(_ health: RedisHealth) {
    if isCutOff == (health != .up) { return }
    isCutOff = health != .up
    onWord?("\(endpoint) \(health.words)" + (isCutOff ? ": the agent goes on asking" : ""))
  }

  /// Leaves: what is running here ends without a report, and the run is told so by the lease.
  func leave(_ done: @escaping () -> Void) {
    if case .running(_, let crew, _) = state { crew.stop() }
    redis.send("DEL", keys.loadAgent(record.id), keys.loadOrders(record.id))
    redis.send("SREM", keys.loadAgents, record.id.text) { _ in done() }
  }

  // MARK: The lease, and that of the run

  private func renew() {
    redis.send("SADD", keys.loadAgents, record.id.text)
    redis.send(
      "SET", keys.loadAgent(record.id), record.text, "PX", "\(AgentRecord.lease.milliseconds)")
    redis.send("PEXPIRE", keys.loadOrders(record.id), "60000")
    let run: Name? =
      switch state {
      case .waiting: nil
      case .prepared(let part), .running(let part, _, _): part.run
      }
    guard let run else { return }
    redis.send("GET", keys.loadClaim(record.id)) { [weak self] answer in
      guard case .success(let value) = answer, value.text != run.text else { return }
      self?.abandon(run)
    }
  }

  private func abandon(_ run: Name) {
    switch state {
    case .waiting: return
    case .prepared(let part):
      if part.run != run { return }
    case .running(let part, let crew, _):
      if part.run != run { return }
      crew.onEnd = nil
      crew.stop()
    }
    onWord?("run \(run) is not held by anybody any more: its part here ends")
    state = .waiting
  }

  // MARK: Orders

  private func take(_ entry: StreamEntry) {
    // What was read is not to lie around: it may hold a token.
    redis.send("XDEL", keys.loadOrders(record.id), entry.id.description)
    guard let arrival = Dispatch.Arrival(entry), let order = Order(arrival.packet.span) else { return }
    let run = arrival.sender
    if arrivals.take(arrival.number, from: run.text) == .known { return }
    switch (order, state) {
    case (.prepare(let task), .waiting): prepare(task, run)
    case (.begin(let time), .prepared(let part)) where part.run == run: begin(part, at: time)
    case (.restarted(let end), .running(let part, let crew, _)) where part.run == run: crew.tell(end)
    case (.stop, .running(let part, let crew, _)) where part.run == run: crew.stop()
    case (.stop, .prepared(let part)) where part.run == run: state = .waiting
    case (.prepare, _), (.begin, _), (.restarted, _), (.stop, _): return
    }
  }

  private func prepare(_ task: Task, _ run: Name) {
    let dispatch = Dispatch(loop, redis, stream: keys.loadReturns(run), sender: record.id)
    let plan: Plan
    do throws(UsageError) { plan = try Plan(arguments: task.arguments) } catch {
      return refuse(error.description, dispatch)
    }
    var task = task
    task.addresses = plan.target.addresses().map(Task.text)
    if task.addresses.isEmpty { return refuse("there is no host \(plan.target.host)", dispatch) }
    state = .prepared(Part(task: task, plan: plan, run: run, dispatch: dispatch))
    onWord?("run \(run): \(task.end - task.first) sockets on \(printable(plan.target.url))")
    redis.measureClock { [weak self] clock in
      self?.clock = clock
      dispatch.send([Task.readyMark] + Array("\(Crew.size(plan, sockets: task.end - task.first))".utf8))
    }
  }

  private func refuse(_ reason: String, _ dispatch: Dispatch) {
    onWord?("refused a run: \(printable(reason))")
    dispatch.send([Task.failureMark] + Array(reason.utf8.prefix(1000)))
  }

  private func begin(_ part: Part, at time: UInt64) {
    let returns = Returns()
    let crew = Crew(loop, returns)
    returns.onStep = { part.dispatch.send($0) }
    returns.onHopeless = { part.dispatch.send([Task.hopelessMark] + Array($0.utf8)) }
    returns.onFailure = { part.dispatch.send([Task.failureMark] + Array($0.utf8)) }
    crew.onEnd = { [weak self] in self?.report(part, returns) }
    var task = part.task
    task.start = clock.moment(atMicroseconds: time).nanoseconds
    do throws(SystemError) {
      try crew.start(task, part.plan, processes: Crew.size(part.plan, sockets: task.end - task.first))
      state = .running(part, crew, returns)
    } catch {
      refuse(error.description, part.dispatch)
      state = .waiting
    }
  }

  private func report(_ part: Part, _ returns: Returns) {
    for packet in returns.figures.packets { part.dispatch.send(packet) }
    part.dispatch.whenEmpty { [weak self] in
      self?.onWord?("run \(part.run) is over")
      self?.state = .waiting
    }
  }
}
