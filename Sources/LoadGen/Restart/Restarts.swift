import Bytes
import EventLoop
import Glibc
import Measurement

/// Carries out a run's restarts, each at its time, while the loop goes on.
///
/// In: the plan. Out: a record of each, and a word when one begins or ends. What a command prints goes to our
/// standard error, because standard output may be the report. A command that is not over when the run is, is ended
/// with all it has started.
final class Restarts {
  private(set) var records: [RestartRecord]
  /// The restart's number, and its record by then.
  var onChange: ((Int, RestartRecord) -> Void)?

  private let loop: EventLoop
  private let start: Moment
  private let console: String
  private var random: SplitMix64
  private var isOver = false
  private var processes: [ChildProcess] = []
  private var questions: [Int: CommandAnswer] = [:]

  init(_ loop: EventLoop, _ plan: Plan, start: Moment) throws(SystemError) {
    self.loop = loop
    self.start = start
    records = plan.restarts.map { RestartRecord($0) }
    random = SplitMix64(seed: plan.seed)
    console = try plan.restarts.contains { $0.needsConsole } ? ConsoleProgram.path() : ""
  }

  func begin() {
    for (number, record) in records.enumerated() {
      loop.after((start + record.restart.at).duration(since: .current)) { [weak self] in
        self?.carryOut(number)
      }
    }
  }

  /// The run is over, or is to end before its time: what was not begun will not be.
  func stop() { isOver = true }

  /// Ends what is still under way. Each command leads a process group, and was not reaped: nobody else has its number.
  func end() {
    stop()
    for process in processes where process.exit == nil { _ = Glibc.kill(-process.pid, SIGTERM) }
  }

  private var elapsed: UInt64 { Moment.current.nanoseconds(since: start) }

  private func carryOut(_ number: Int) {
    if isOver { return }
    records[number].state = .running(since: elapsed)
    onChange?(number, records[number])
    do throws(SystemError) {
      switch records[number].restart.kind {
      case .console(let word): try run(number, console, [word.rawValue, "--wait"])
      case .shell(let command): try run(number, "/bin/sh", ["-c", command])
      case .kill:
        questions[number] = try CommandAnswer(loop, path: console, arguments: ["status", "--json"]) {
          [weak self] status, exit in self?.kill(number, workersIn: status, exit)
        }
      }
    } catch {
      fail(number, error.description)
    }
  }

  private func run(_ number: Int, _ path: String, _ arguments: [String]) throws(SystemError) {
    processes.append(
      try ChildProcess(
        loop, path: path, arguments: arguments, inheriting: [1: 2], ownSession: true,
        onExit: { [weak self] in self?.end(number, $0) }))
  }

  private func kill(_ number: Int, workersIn status: [UInt8], _ exit: ProcessExit) {
    questions[number] = nil
    guard exit == .code(0) else { return fail(number, "wsconsole status ended with \(exit)") }
    let workers = WorkerChoice.workers(in: status.span)
    guard let pid = WorkerChoice.pick(workers, &random) else {
      return fail(number, "wsconsole status names \(workers.count) workers, and none of them runs here")
    }
    guard Glibc.kill(pid, SIGKILL) == 0 else {
      return fail(number, SystemError("kill -9 \(pid)", errno).description)
    }
    records[number].pid = pid
    end(number, .code(0))
  }

  private func end(_ number: Int, _ exit: ProcessExit) {
    records[number].state = .ended(since: records[number].began, at: elapsed, exit)
    onChange?(number, records[number])
  }

  private func fail(_ number: Int, _ reason: String) {
    records[number].state = .failed(since: records[number].began, at: elapsed, reason: reason)
    onChange?(number, records[number])
  }
}
