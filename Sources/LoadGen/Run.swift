import EventLoop
import Measurement

/// One run from its first socket to its report: here in this process, or by a crew of others.
///
/// Who measures does nothing else: starting a command stops a process with thousands of sockets for milliseconds, just
/// when it matters, and drawing a picture takes its time too. So a run with restarts, a picture or a door for
/// Prometheus always has a crew, if only of one.
final class Run {
  private let plan: Plan
  private let arguments: [String]
  private let addresses: [SocketAddress]
  private let loop: EventLoop
  private let early: EarlyEnd
  private let live: LiveView
  private var series = RunSeries()
  /// With agents, what they have agreed on.
  private var start = Moment.current
  private var records: [RestartRecord] = []
  private var failures: [String] = []
  /// When an assertion was found that cannot hold any more.
  private var hopelessAt: Moment?
  /// Of the agents, where there are any.
  private var parts: [AgentPart] = []
  private let number = UInt32(truncatingIfNeeded: Machine.random()) | 1

  /// `arguments`: the words the plan was made of, for the generators to make theirs; `addresses` are the target's.
  init(_ plan: Plan, arguments: [String], addresses: [SocketAddress]) throws(SystemError) {
    self.plan = plan
    self.arguments = arguments
    self.addresses = addresses
    loop = try EventLoop()
    early = try EarlyEnd(loop)
    live = LiveView(loop, plan)
    live.onStop = early.ask
    early.onResize = live.adoptSize
  }

  func carryOut() throws -> RunReport {
    let processes = Crew.size(plan, sockets: plan.sockets)
    let began = Moment.current
    let hasOtherWork = !plan.restarts.isEmpty || live.isPicture || plan.outputs.prometheus != nil
    defer { live.end() }
    start = began
    let figures =
      if plan.agents > 0 {
        try withAgents()
      } else if processes == 1 && !hasOtherWork {
        try alone(began)
      } else {
        try together(began, processes)
      }
    let nanoseconds = Moment.current.nanoseconds(since: start)
    let unix = WallClock.unixNanoseconds - nanoseconds
    return RunReport(
      plan: plan, figures: figures, series: series, startedUnixMilliseconds: Int64(unix / 1_000_000),
      started: Timestamp(unixNanoseconds: unix).description, seconds: Double(nanoseconds) / 1e9,
      stoppedAt: stoppedAt,
      processes: parts.isEmpty ? processes : parts.reduce(0) { $0 + $1.processes }, agents: parts,
      outcomes: plan.assertions.map { $0.judge(figures) }, restarts: records, failures: failures,
      machine: .current)
  }

  private func alone(_ start: Moment) throws -> RunFigures {
    _ = Machine.raiseDescriptorLimit()
    let generator = try Generator(
      loop, plan: plan, addresses: addresses, sockets: 0..<plan.sockets, start: start, run: number)
    let sampling = Sampling(loop, generator, start: start) { [unowned self] in series.add($0, at: $1) }
    generator.onEnd = { [loop] in
      sampling.end()
      loop.stop()
    }
    generator.onHopeless = { [unowned self] in
      giveUp($0)
      generator.stop()
    }
    early.onAsk = generator.stop
    live.begin(start: start, series: { [unowned self] in series }, restarts: { [] })
    sampling.begin()
    generator.begin()
    try loop.run()
    return generator.figures
  }

  private func together(_ start: Moment, _ processes: Int) throws(SystemError) -> RunFigures {
    let returns = Returns()
    let crew = Crew(loop, returns)
    crew.onEnd = { [loop] in loop.stop() }
    try crew.start(work(from: start), plan, processes: processes)
    return try watch(returns, start: start, stop: crew.stop, tell: crew.tell)
  }

  private func withAgents() throws -> RunFigures {
    let place = try Whereabouts(redis: plan.redis, namespace: plan.namespace)
    let returns = Returns()
    let agents = Agents(loop, plan, place, returns, run: number)
    agents.onEnd = { [loop] in loop.stop() }
    var gathered: Result<Moment, Agents.Trouble>?
    agents.gather(work(from: .current)) { [loop] in
      gathered = $0
      loop.stop()
    }
    early.onAsk = agents.giveUpGathering
    try loop.run()
    guard let agreed = try gathered?.get() else {
      throw Agents.Trouble(description: returns.failures.first ?? "no agents were found")
    }
    start = agreed
    defer { parts = agents.parts }
    return try watch(returns, start: start, stop: agents.stop, tell: agents.tell)
  }

  /// The same plan for all, whatever was left to chance here.
  private func work(from start: Moment) -> Task {
    Task(
      arguments: arguments + plan.settled, addresses: addresses.map(Task.text), seed: plan.seed, first: 0,
      end: plan.sockets, start: start.nanoseconds, run: number)
  }

  /// Sees the run of others through, from its picture to its restarts, and has their sum.
  private func watch(
    _ returns: Returns, start: Moment, stop stopOthers: @escaping () -> Void,
    tell: @escaping (RestartEnd) -> Void
  ) throws(SystemError) -> RunFigures {
    returns.onFailure = { [live] in live.say("wsload: \($0)") }
    let restarts = try Restarts(loop, plan, start: start)
    restarts.onChange = { [live] number, record in
      if let done = record.done { tell(RestartEnd(number: number, at: done)) }
      live.note(record.words)
    }
    func stop() {
      restarts.stop()
      stopOthers()
    }
    early.onAsk = stop
    let metrics = try plan.outputs.prometheus.map { [plan] address throws(SystemError) in
      try MetricsDoor(loop, at: address) { RunMetrics.text(returns.series, wanted: plan.sockets) }
    }
    defer { withExtendedLifetime(metrics) {} }
    returns.onHopeless = { [unowned self] in
      giveUp($0)
      returns.onHopeless = nil
      stop()
    }
    restarts.begin()
    live.begin(start: start, series: { returns.series }, restarts: { restarts.records })
    try loop.run()
    restarts.end()
    records = restarts.records
    failures = returns.failures
    series = returns.series
    return returns.figures
  }

  private func giveUp(_ assertion: String) {
    hopelessAt = .current
    live.note("wsload: '\(assertion)' cannot hold any more: the run ends here (--fail-fast)")
  }

  /// In seconds of the run; nil where it went on to its planned end.
  private var stoppedAt: Double? {
    guard let moment = [early.askedAt, hopelessAt].compactMap({ $0 }).min() else { return nil }
    let nanoseconds = moment.nanoseconds(since: start)
    return nanoseconds < plan.duration.wholeNanoseconds ? Double(nanoseconds) / 1e9 : nil
  }
}
