/// How a drain spends its time: wait for those who leave by themselves, close the rest at a pace, force what is left.
package struct DrainPlan: Equatable, Sendable {
  package let wait: Duration
  package let pace: Duration
  package let force: Duration

  package init(wait: Duration, pace: Duration, force: Duration) {
    self.wait = max(wait, .zero)
    self.pace = max(pace, .zero)
    self.force = max(force, .zero)
  }

  package var total: Duration { wait + pace + force }
}

/// A plan by name (CONTRACT 5).
package enum DrainPreset: Equatable, Sendable {
  case standard, swift, patient, now
  /// The whole of what a Kubernetes grace period has left.
  case pod(seconds: Int)

  /// No drain takes longer than a day.
  package static let longestSeconds = 86_400

  package var plan: DrainPlan {
    switch self {
    case .standard: DrainPlan(wait: .seconds(20), pace: .seconds(8), force: .seconds(2))
    case .swift: DrainPlan(wait: .seconds(6), pace: .seconds(3), force: .seconds(1))
    case .patient: DrainPlan(wait: .seconds(1800), pace: .zero, force: .zero)
    case .now: DrainPlan(wait: .zero, pace: .zero, force: .seconds(2))
    case .pod(let seconds): Self.filling(seconds)
    }
  }

  /// `standard`, `swift`, `patient`, `now`, and `pod` with its seconds: `pod=45`; `pod` alone is 30.
  package init?(_ text: some StringProtocol) {
    switch text {
    case "standard": self = .standard
    case "swift": self = .swift
    case "patient": self = .patient
    case "now": self = .now
    case "pod": self = .pod(seconds: 30)
    case _:
      guard text.hasPrefix("pod="), let seconds = Int(text.dropFirst(4)) else { return nil }
      guard (1...Self.longestSeconds).contains(seconds) else { return nil }
      self = .pod(seconds: seconds)
    }
  }

  package var text: String {
    switch self {
    case .standard: "standard"
    case .swift: "swift"
    case .patient: "patient"
    case .now: "now"
    case .pod(let seconds): "pod=\(seconds)"
    }
  }

  /// The proportions of `standard`, but nobody gains from pacing for more than a minute or forcing for more than 2 s.
  private static func filling(_ seconds: Int) -> DrainPlan {
    let whole = Duration.seconds(min(max(seconds, 0), longestSeconds))
    let force = min(whole / 15, .seconds(2))
    let pace = min(whole * 4 / 15, .seconds(60))
    return DrainPlan(wait: whole - pace - force, pace: pace, force: force)
  }
}
