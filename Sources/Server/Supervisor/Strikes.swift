import EventLoop

/// Counts a slot's faults: so many within a minute, and what its pages hold is given up, for it may be the reason.
struct Strikes {
  private var moments: [Moment] = []

  private static let most = 3
  private static let within = Duration.seconds(60)

  /// True: this one was too many, and they count anew.
  mutating func isOut(at now: Moment) -> Bool {
    moments = moments.filter { now.duration(since: $0) < Self.within } + [now]
    if moments.count < Self.most { return false }
    moments = []
    return true
  }
}
