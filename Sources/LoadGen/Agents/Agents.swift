import Bytes
import EventLoop
import FleetState
import RedisClient

/// The agents a run is shared over: finds them on Redis, holds them, has them begin at one moment, hears them out.
///
/// In: the plan. Out: what they tell, to `returns`. Whose lease ends before its report has come is dead, and the run
/// has failed.
final class Agents {
  var onEnd: (() -> Void)?

  struct Trouble: Error, CustomStringConvertible {
    let description: String
  }

  private final class Seat {
    let record: AgentRecord
    let share: Returns.Share
    let dispatch: Dispatch
    var isReady = false
    var processes = 0
    var isOver = false

    init(_ record: AgentRecord, sockets: Range<Int>, dispatch: Dispatch) {
      self.record = record
      share = Returns.Share(sockets: sockets)
      self.dispatch = dispatch
    }

    var name: String { "agent \(record.name) on \(printable(record.host))" }
  }

  private let loop: EventLoop
  private let plan: Plan
  private let keys: RedisKeys
  private let run: Name
  private let redis: Redis
  private let streams: RedisStreams
  private let returns: Returns
  private var seats: [Seat] = []
  private var arrivals = Arrivals()
  private var clock = SharedClock()
  private var onReady: ((Result<Moment, Trouble>) -> Void)?
  private var stopRenewing: (() -> Void)?

  /// Agents look for a host, and connect to Redis; nobody is waited for longer.
  private static let patience = Duration.seconds(10)
  /// For the order to begin to come to all, and for their generators to start.
  private static let lead = Duration.milliseconds(700)

  init(_ loop: EventLoop, _ plan: Plan, _ place: Whereabouts, _ returns: Returns, run number: UInt32) {
    self.loop = loop
    self.plan = plan
    self.returns = returns
    keys = place.keys
    run = AgentRecord.fresh(place.keys.namespace, UInt64(number))
    redis = Redis(loop, endpoint: place.redis, name: "wsload")
    streams = RedisStreams(
      loop, endpoint: place.redis, name: "wsload", streams: [(key: keys.loadReturns(run), after: .zero)])
    streams.onEntry = { [unowned self] _, entry in take(entry) }
    streams.onNotice = { notice in
      switch notice {
      case .epoch: return
      case .trimmed, .rewound: returns.fail("Redis has lost some of what the agents told")
      }
    }
  }

  /// `work` for all of them; `done` once they know when to begin, which is told as a moment here.
  func gather(_ work: Task, _ done: @escaping (Result<Moment, Trouble>) -> Void) {
    onReady = done
    let deadline = Moment.current + Self.patience
    redis.onReady = { [weak self] in
      self?.redis.onReady = nil
      self?.seek(work, until: deadline)
    }
    redis.open()
    streams.open()
    loop.after(Self.patience + .seconds(5)) { [weak self] in self?.endGathering() }
  }

  var parts: [AgentPart] {
    seats.map {
      AgentPart(
        name: $0.record.name, host: $0.record.host, sockets: $0.share.sockets, processes: $0.processes)
    }
  }

  func stop() { tell(.stop) }

  func tell(_ end: RestartEnd) { tell(.restarted(end)) }

  private func tell(_ order: Order) {
    for seat in seats where !seat.isOver { seat.dispatch.send(order.packet) }
  }

  // MARK: Before the run

  /// Asks who waits and takes as many as are wanted; again and again while there are too few.
  private func seek(_ work: Task, until deadline: Moment) {
    redis.findAgents(keys, version: Main.version) { [weak self] records in
      guard let self else { return }
      redis.claimAgents(records, for: run, wanted: plan.agents, keys) { [weak self] claimed in
        guard let self else { return }
        if claimed.count == plan.agents { return seat(claimed, work) }
        redis.releaseAgents(claimed, keys)
        guard Moment.current >= deadline else {
          loop.after(.milliseconds(300)) { [weak self] in self?.seek(work, until: deadline) }
          return
        }
        fail(
          "\(claimed.count) of \(plan.agents) agents wait here (namespace \(keys.namespace)): "
            + "start more with wsload agent")
      }
    }
  }

  private func seat(_ records: [AgentRecord], _ work: Task) {
    for (number, record) in records.enumerated() {
      let part = Crew.part(number, of: records.count, work.first..<work.end)
      let dispatch = Dispatch(loop, redis, stream: keys.loadOrders(record.id), sender: run)
      seats.append(Seat(record, sockets: part, dispatch: dispatch))
      var task = work
      (task.first, task.end) = (part.lowerBound, part.upperBound)
      dispatch.send(Order.prepare(task).packet)
    }
    stopRenewing = loop.every(AgentRecord.lease.renewal) { [weak self] in self?.look() }
    redis.measureClock { [weak self] in
      self?.clock = $0
      self?.beginIfReady()
    }
  }

  private func beginIfReady() {
    guard onReady != nil, clock.uncertainty != nil, !seats.isEmpty, seats.allSatisfy(\.isReady) else {
      return
    }
    let start = Moment.current + Self.lead
    tell(.begin(clock.microseconds(at: start)))
    let end = start + plan.duration + plan.grace + Crew.patience + Crew.patience
    loop.after(end.duration(since: .current)) { [weak self] in self?.giveUp() }
    finish(.success(start))
  }

  /// The run was ended before it has begun.
  func giveUpGathering() { fail("the run was ended before its agents were ready") }

  private func fail(_ reason: String) { finish(.failure(Trouble(description: reason))) }

  private func finish(_ result: Result<Moment, Trouble>) {
    guard let done = onReady else { return }
    onReady = nil
    if case .failure = result { redis.releaseAgents(seats.map(\.record), keys) }
    // The last words leave first.
    loop.after(.milliseconds(20)) { done(result) }
  }

  // MARK: While it goes on

  /// Renews what holds the agents, and sees who is dead.
  private func look() {
    for seat in seats where !seat.isOver {
      redis.send(
        "SET", keys.loadClaim(seat.record.id), run.text, "PX", "\(AgentRecord.lease.milliseconds)")
      redis.send("GET", keys.loadAgent(seat.record.id)) { [weak self] answer in
        guard case .success(.null) = answer else { return }
        self?.end(seat, "its lease has ended")
      }
    }
  }

  private func take(_ entry: StreamEntry) {
    guard let arrival = Dispatch.Arrival(entry),
      let seat = seats.first(where: { $0.record.id == arrival.sender }), !seat.isOver
    else { return }
    switch arrivals.take(arrival.number, from: arrival.sender.text) {
    case .known: return
    case .gap: returns.fail("\(seat.name): some of what it told is missing")
    case .new: break
    }
    let packet = arrival.packet.span
    let rest = packet.extracting(droppingFirst: 1)
    switch packet[0] {
    case Task.readyMark:
      seat.processes = Int(String(decoding: rest.copied(), as: UTF8.self)) ?? 1
      seat.isReady = true
      beginIfReady()
    case Task.failureMark:
      let reason = "\(seat.name): \(printable(rest))"
      if onReady != nil { fail(reason) } else { returns.fail(reason) }
    case _:
      returns.hear(packet, from: seat.share)
      if packet[0] == Task.endMark { end(seat, "its report was cut") }
    }
  }

  private func endGathering() {
    if onReady == nil { return }
    let silent = seats.filter { !$0.isReady }.map(\.name).joined(separator: ", ")
    fail(redis.lastError.map { "\($0)" } ?? "no answer from \(silent)")
  }

  /// Long after the run was over.
  private func giveUp() { for seat in seats { end(seat, "it hung") } }

  private func end(_ seat: Seat, _ how: String) {
    if seat.isOver { return }
    seat.isOver = true
    if onReady != nil { return fail("\(seat.name): \(how)") }
    returns.close(seat.share, who: seat.name, how: how)
    if seats.allSatisfy(\.isOver) { close() }
  }

  private func close() {
    stopRenewing?()
    streams.close()
    redis.releaseAgents(seats.map(\.record), keys)
    redis.send("DEL", keys.loadReturns(run)) { [weak self] _ in self?.onEnd?() }
  }
}
