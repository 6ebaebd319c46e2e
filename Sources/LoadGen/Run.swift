import EventLoop
import Glibc
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
  private let live: LiveView
  private var series = RunSeries()
  private var records: [RestartRecord] = []
  private var failures: [String] = []
  private let number = UInt32(truncatingIfNeeded: Machine.random()) | 1

  /// `arguments`: the words the plan was made of, for the generators to make theirs; `addresses` are the target's.
  init(_ plan: Plan, arguments: [String], addresses: [SocketAddress]) throws(SystemError) {
    self.plan = plan
    self.arguments = arguments
    self.addresses = addresses
    loop = try EventLoop()
    live = LiveView(loop, plan)
  }

  func carryOut() throws -> RunReport {
    let processes = Crew.size(plan)
    let unix = WallClock.unixNanoseconds
    let start = Moment.current
    let hasOtherWork = !plan.restarts.isEmpty || live.isPicture || plan.outputs.prometheus != nil
    defer { live.end() }
    let figures = try processes == 1 && !hasOtherWork ? alone(start) : together(start, processes)
    let seconds = Double(Moment.current.nanoseconds(since: start)) / 1e9
    return RunReport(
      plan: plan, figures: figures, series: series, startedUnixMilliseconds: Int64(unix / 1_000_000),
      started: Timestamp(unixNanoseconds: unix).description, seconds: seconds, processes: processes,
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
    generator.onHopeless = { [live] in
      live.note(Self.words(ofHopeless: $0))
      generator.stop()
    }
    let signals = try Signals(loop, [SIGINT, SIGTERM, SIGPIPE]) { if $0 != SIGPIPE { generator.stop() } }
    defer { withExtendedLifetime(signals) {} }
    live.begin(start: start, series: { [unowned self] in series }, restarts: { [] })
    sampling.begin()
    generator.begin()
    try loop.run()
    return generator.figures
  }

  private func together(_ start: Moment, _ processes: Int) throws(SystemError) -> RunFigures {
    let crew = Crew(loop)
    crew.onEnd = { [loop] in loop.stop() }
    crew.onFailure = { [live] in live.say("wsload: \($0)") }
    let restarts = try Restarts(loop, plan, start: start)
    restarts.onChange = { [live] number, record in
      if let done = record.done { crew.tell(RestartEnd(number: number, at: done)) }
      live.note(record.words)
    }
    func stop() {
      restarts.stop()
      crew.stop()
    }
    live.onStop = stop
    let signals = try Signals(loop, [SIGINT, SIGTERM, SIGPIPE, SIGWINCH]) { [live] in
      switch $0 {
      case SIGPIPE: return
      case SIGWINCH: live.adoptSize()
      default: stop()
      }
    }
    defer { withExtendedLifetime(signals) {} }
    let metrics = try plan.outputs.prometheus.map { [plan] address throws(SystemError) in
      try MetricsDoor(loop, at: address) { RunMetrics.text(crew.series, wanted: plan.sockets) }
    }
    defer { withExtendedLifetime(metrics) {} }
    crew.onHopeless = { [live] in
      live.note(Self.words(ofHopeless: $0))
      crew.onHopeless = nil
      stop()
    }
    // The same plan for all, whatever was left to chance here.
    try crew.start(
      plan, arguments: arguments + plan.settled, addresses: addresses, processes: processes, start: start,
      run: number)
    restarts.begin()
    live.begin(start: start, series: { crew.series }, restarts: { restarts.records })
    try loop.run()
    restarts.end()
    records = restarts.records
    failures = crew.failures
    series = crew.series
    return crew.figures
  }

  private static func words(ofHopeless assertion: String) -> String {
    "wsload: '\(assertion)' cannot hold any more: the run ends here (--fail-fast)"
  }
}
