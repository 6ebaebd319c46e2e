package import FleetState

/// Why a command has no answer. Whether Redis has carried it out is known only for `refused` and `full` (it has not).
package enum RedisError: Error, Equatable, Sendable, CustomStringConvertible {
  /// There is no connection, or it ended before the answer came.
  case down(String)
  /// No answer in time.
  case slow
  /// Too much is waiting here already; it was not sent.
  case full
  /// Redis said no.
  case refused(RedisRefusal)
  /// It does not speak the protocol, or answers with more than anyone asked for.
  case malformed

  package var health: RedisHealth {
    switch self {
    case .down, .malformed: .down
    case .slow, .full: .slow
    case .refused(let refusal): refusal.health ?? .up
    }
  }

  package var description: String {
    switch self {
    case .down(let reason): "Redis is away: \(reason)"
    case .slow: "Redis did not answer in time"
    case .full: "too many commands wait for Redis"
    case .refused(let refusal): "Redis refused: \(refusal)"
    case .malformed: "the answer is not Redis' protocol"
    }
  }
}
