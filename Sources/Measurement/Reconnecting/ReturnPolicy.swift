public import Bytes

/// When a client that was dropped tries again: what reconnecting sockets follow, and what the herd lab simulates.
public enum ReturnPolicy: Equatable, Sendable {
  /// Each time after the same pause.
  case fixed(nanoseconds: UInt64)
  /// Anywhere under a ceiling that doubles from 100 ms with each attempt (full jitter).
  case jitter(ceiling: UInt64)
  /// One after another, evenly over the window, as told by the server; jitter if that fails.
  case slots(window: UInt64)

  public static let standardCeiling: UInt64 = 5_000_000_000
  private static let firstCeiling: UInt64 = 100_000_000

  /// In nanoseconds. `place` in 0..<1 is the client's among all of them.
  public func pause(attempt: Int, place: Double, _ random: inout SplitMix64) -> UInt64 {
    switch self {
    case .fixed(let pause): return pause
    case .jitter(let ceiling): return Self.jitter(attempt: attempt, ceiling: ceiling, &random)
    case .slots(let window):
      if attempt == 0 { return UInt64(Double(window) * min(max(place, 0), 1)) }
      return Self.jitter(attempt: attempt, ceiling: Self.standardCeiling, &random)
    }
  }

  /// The longest after a first attempt.
  var longestPause: UInt64 {
    switch self {
    case .fixed(let pause): max(pause, 1)
    case .jitter(let ceiling): max(ceiling, 1_000_000)
    case .slots: Self.standardCeiling
    }
  }

  /// Of attempts after many others.
  var meanPause: UInt64 {
    switch self {
    case .fixed: longestPause
    case .jitter, .slots: (longestPause / 1_000_000 * 1_000_000 + 1_000_000) / 2
    }
  }

  /// Over which the first attempts are spread; 0 where nobody has told.
  var window: UInt64 {
    switch self {
    case .fixed, .jitter: 0
    case .slots(let window): window
    }
  }

  private static func jitter(attempt: Int, ceiling: UInt64, _ random: inout SplitMix64) -> UInt64 {
    let doubled = firstCeiling << UInt64(min(max(attempt, 0), 20))
    let milliseconds = max(1, min(ceiling, doubled) / 1_000_000)
    return UInt64.random(in: 1...milliseconds, using: &random) * 1_000_000
  }

  /// `fixed:1s`, `jitter`, `jitter:30s`, `slots:10s`. Nil for anything else; `duration` reads a time.
  public init?(_ text: String, duration: (String) -> UInt64?) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let time = parts.count == 2 ? duration(String(parts[1])) : nil
    if let time, time == 0 { return nil }
    switch (parts.first ?? "", parts.count, time) {
    case ("fixed", 2, let pause?): self = .fixed(nanoseconds: pause)
    case ("jitter", 1, _): self = .jitter(ceiling: Self.standardCeiling)
    case ("jitter", 2, let ceiling?): self = .jitter(ceiling: ceiling)
    case ("slots", 2, let window?): self = .slots(window: window)
    case _: return nil
    }
  }
}
