import CommandLine
import Measurement

/// What a socket does after it was dropped.
enum ReconnectPolicy: Equatable {
  case none
  case fixed(Duration)
  /// Random pauses under a ceiling that doubles from 100 ms to 5 s.
  case jitter
  /// When the server said; jitter where it said nothing.
  case told

  init?(_ text: String) {
    switch text {
    case "none": self = .none
    case "jitter": self = .jitter
    case "told": self = .told
    default:
      guard let pause = Options.grace.kind.read(text), pause > .zero else { return nil }
      self = .fixed(pause)
    }
  }

  /// Nil: it stays away.
  func pause(attempt: Int, _ random: inout SplitMix64) -> Duration? {
    switch self {
    case .none: return nil
    case .fixed(let pause): return pause
    case .jitter, .told:
      let ceiling = min(5000, 100 << min(attempt, 6))
      return .milliseconds(Int.random(in: 1...ceiling, using: &random))
    }
  }
}
