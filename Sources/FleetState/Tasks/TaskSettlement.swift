import Bytes

/// What follows from how an attempt ended.
package struct TaskSettlement: Equatable, Sendable {
  package enum Outcome: Equatable, Sendable {
    case done
    /// Another attempt may go better.
    case failed(reason: String)
    /// No attempt would.
    case refused(reason: String)
  }

  package enum Verdict: Equatable, Sendable {
    case done
    case again(after: Duration)
    /// To the dead letters.
    case dead
  }

  package let verdict: Verdict
  package let event: TaskEvent

  package static let mostAttempts = 5
  /// A worker that died in the middle is no failed attempt of the task, but without end it is not begun either.
  package static let mostRuns = 100
  static let longestReason = 200

  private static let firstPause = Duration.seconds(1)
  private static let longestPause = Duration.seconds(60)
  private static let leastPause = Duration.milliseconds(200)

  package init(
    _ id: Name, _ outcome: Outcome, attempt: Int, at now: Int64,
    using random: inout some RandomNumberGenerator
  ) {
    let status: TaskStatus
    var why: String?
    switch outcome {
    case .done:
      (verdict, status) = (.done, .done)
    case .refused(let reason):
      (verdict, status, why) = (.dead, .failed, reason)
    case .failed(let reason) where attempt >= Self.mostAttempts:
      (verdict, status, why) = (.dead, .failed, reason)
    case .failed(let reason):
      (verdict, status, why) = (.again(after: Self.pause(after: attempt, using: &random)), .retrying, reason)
    }
    event = TaskEvent(
      id, status, attempt: attempt, at: now, reason: why.map { printable($0, limit: Self.longestReason) })
  }

  /// Ceilings of 1, 2, 4, 8 s …, and a random time below them, so that many who failed together do not come back
  /// together.
  private static func pause(after attempt: Int, using random: inout some RandomNumberGenerator) -> Duration {
    let doublings = max(0, min(attempt - 1, 16))
    let ceiling = min(firstPause * (1 << doublings), longestPause)
    let span = (ceiling - leastPause).wholeMilliseconds
    return leastPause + .milliseconds(Int64.random(in: 0...max(0, span), using: &random))
  }
}
