/// How long to wait before the next attempt: a random time below a ceiling that doubles ("full jitter"), so that
/// many who failed together do not come back together.
public struct Backoff: Equatable, Sendable {
  public private(set) var attempts = 0
  private let least: Duration
  private let first: Duration
  private let most: Duration

  /// Ceilings go `first`, `2·first`, … up to `most`; no wait is shorter than `least`.
  public init(first: Duration, most: Duration, least: Duration = .zero) {
    precondition(first > .zero && most >= first && least <= first, "a backoff needs rising limits")
    self.first = first
    self.most = most
    self.least = least
  }

  /// For a worker that crashes: at once is too soon, ten seconds are long enough.
  public static let crashes = Backoff(
    first: .milliseconds(200), most: .seconds(10), least: .milliseconds(100))
  /// For a Redis that went away: whoever waits for it is to serve within a second of its coming.
  public static let reconnect = Backoff(first: .milliseconds(50), most: .milliseconds(900))

  public mutating func next(using random: inout some RandomNumberGenerator) -> Duration {
    let ceiling = self.ceiling
    attempts = min(attempts + 1, 62)
    let span = (ceiling - least).wholeMicroseconds
    return least + .microseconds(Int64.random(in: 0...max(0, span), using: &random))
  }

  /// It worked: the next failure starts small again.
  public mutating func reset() { attempts = 0 }

  private var ceiling: Duration {
    var ceiling = first
    for _ in 0..<attempts {
      if ceiling >= most { return most }
      ceiling *= 2
    }
    return min(ceiling, most)
  }
}

extension Duration {
  fileprivate var wholeMicroseconds: Int64 {
    components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
  }
}
