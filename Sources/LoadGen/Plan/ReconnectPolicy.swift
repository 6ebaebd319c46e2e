import Bytes
import CommandLine
import EventLoop
import Measurement

/// What a socket does after it was dropped.
enum ReconnectPolicy: Equatable {
  case none
  case own(ReturnPolicy)
  /// When the server said; jitter where it said nothing.
  case told

  static let jitter = ReconnectPolicy.own(.jitter(ceiling: ReturnPolicy.standardCeiling))

  static let words = "none, a time such as 500ms, jitter, jitter:CEILING, or told"

  init?(_ text: String) {
    func time(_ text: String) -> UInt64? {
      Options.grace.kind.read(text).flatMap { $0 > .zero ? $0.wholeNanoseconds : nil }
    }
    switch text {
    case "none": self = .none
    case "told": self = .told
    default:
      let policy = text.hasPrefix("jitter") ? text : "fixed:\(text)"
      guard let policy = ReturnPolicy(policy, duration: time) else { return nil }
      self = .own(policy)
    }
  }

  /// Nil: it stays away.
  func pause(attempt: Int, _ random: inout SplitMix64) -> Duration? {
    switch self {
    case .none: nil
    case .own(let policy):
      .nanoseconds(Int64(clamping: policy.pause(attempt: attempt, place: 0, &random)))
    case .told: Self.jitter.pause(attempt: attempt, &random)
    }
  }
}
