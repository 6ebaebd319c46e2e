import EventLoop

/// How far a restart has come, in nanoseconds of the run.
struct RestartRecord: Equatable {
  enum State: Equatable {
    case planned
    case running(since: UInt64)
    case ended(since: UInt64, at: UInt64, ProcessExit)
    /// It could not be carried out.
    case failed(since: UInt64, at: UInt64, reason: String)
  }

  let restart: Restart
  var state = State.planned
  /// The worker that was killed.
  var pid: Int32?

  init(_ restart: Restart) { self.restart = restart }

  /// When it began; until then, when it is to begin.
  var began: UInt64 {
    switch state {
    case .planned: restart.at.wholeNanoseconds
    case .running(let since), .ended(let since, _, _), .failed(let since, _, _): since
    }
  }

  var done: UInt64? {
    switch state {
    case .planned, .running: nil
    case .ended(_, let at, _), .failed(_, let at, _): at
    }
  }

  /// As a shell would say it: 128 and the signal for who was killed.
  var exitCode: Int32? {
    switch state {
    case .planned, .running, .failed, .ended(_, _, .unknown): nil
    case .ended(_, _, .code(let code)): code
    case .ended(_, _, .signal(let number)): 128 + number
    }
  }

  /// Why the run has not seen what it was meant to see: who judges a restart has to know that there was one.
  var trouble: String? {
    switch state {
    case .planned: "\(restart.title) was never begun: the run was over before"
    case .running: "\(restart.title) was not over when the run was: give it more --duration"
    case .ended(_, _, .code(0)): nil
    case .ended(_, _, let exit): "\(restart.title) ended with \(exit)"
    case .failed(_, _, let reason): "\(restart.title): \(reason)"
    }
  }
}
