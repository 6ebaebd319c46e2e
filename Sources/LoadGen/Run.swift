import EventLoop
import Glibc
import Measurement

/// One run from its first socket to its report: here in this process, or by a crew of others.
///
/// Who restarts the server does not measure it: starting a command stops a process with thousands of sockets for
/// milliseconds, just when it matters. So a run with restarts always has a crew, if only of one.
final class Run {
  private let plan: Plan
  private let arguments: [String]
  private let addresses: [SocketAddress]
  private let loop: EventLoop
  private let live: LiveLine
  private var records: [RestartRecord] = []
  private var failures: [String] = []
  private let number = UInt32(truncatingIfNeeded: Machine.random()) | 1

  /// `addresses` are those of the target.
  init(_ plan: Plan, arguments: [String], addresses: [SocketAddress]) throws(SystemError) {
    self.plan = plan
    self.arguments = arguments
    self.addresses = addresses
    loop = try EventLoop()
    live = LiveLine(isQuiet: plan.isQuiet)
  }

  func carryOut() throws -> RunReport {
    let processes = Crew.size(plan)
    let unix = WallClock.unixNanoseconds
    let start = Moment.current
    let isAlone = processes == 1 && plan.restarts.isEmpty
    let figures = try isAlone ? alone(start) : together(start, processes)
    live.end()
    let seconds = Double(Moment.current.nanoseconds(since: start)) / 1e9
    return RunReport(
      plan: plan, figures: figures, startedUnixMilliseconds: Int64(unix / 1_000_000),
      started: Timestamp(unixNanoseconds: unix).description, seconds: seconds, processes: processes,
      outcomes: plan.assertions.map { $0.judge(figures) }, restarts: records, failures: failures)
  }

  private func alone(_ start: Moment) throws -> RunFigures {
    _ = Machine.raiseDescriptorLimit()
    let generator = try Generator(
      loop, plan: plan, addresses: addresses, sockets: 0..<plan.sockets, start: start, run: number)
    generator.onEnd = { [loop] in loop.stop() }
    generator.onHopeless = { [live] in
      live.note(Self.words(ofHopeless: $0))
      generator.stop()
    }
    let signals = try Signals(loop, [SIGINT, SIGTERM, SIGPIPE]) { if $0 != SIGPIPE { generator.stop() } }
    defer { withExtendedLifetime(signals) {} }
    let stopShowing = show(start) { generator.moment }
    generator.begin()
    try loop.run()
    stopShowing()
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
    let signals = try Signals(loop, [SIGINT, SIGTERM, SIGPIPE]) {
      if $0 == SIGPIPE { return }
      restarts.stop()
      crew.stop()
    }
    defer { withExtendedLifetime(signals) {} }
    // The same plan for all, whatever was left to chance here.
    crew.onHopeless = { [live] in
      live.note(Self.words(ofHopeless: $0))
      crew.onHopeless = nil
      restarts.stop()
      crew.stop()
    }
    try crew.start(
      plan, arguments: arguments + plan.settled, addresses: addresses, processes: processes, start: start,
      run: number)
    restarts.begin()
    let stopShowing = show(start) { crew.moment }
    try loop.run()
    stopShowing()
    restarts.end()
    records = restarts.records
    failures = crew.failures
    return crew.figures
  }

  private static func words(ofHopeless assertion: String) -> String {
    "wsload: '\(assertion)' cannot hold any more: the run ends here (--fail-fast)"
  }

  private func show(_ start: Moment, _ moment: @escaping () -> LiveLine.Moment) -> () -> Void {
    loop.every(.seconds(1)) { [unowned self] in
      live.show(moment(), seconds: Int(loop.now.nanoseconds(since: start) / 1_000_000_000))
    }
  }
}
