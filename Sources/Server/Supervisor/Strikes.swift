import EventLoop

/// Counts a slot's faults: too many within a minute, and what its pages hold is given up, for it may be the reason.
///
/// Three are too many if nothing explains them. A fault that was found in what one client sent says little about the
/// pages: of those it takes ten more.
struct Strikes {
  private var faults: [(at: Moment, weight: Int)] = []

  private static let most = 15
  private static let unexplained = 5
  private static let explained = 1
  private static let within = Duration.seconds(60)

  /// True: this one was too many, and they count anew.
  mutating func isOut(at now: Moment) -> Bool {
    faults.removeAll { now.duration(since: $0.at) >= Self.within }
    faults.append((now, Self.unexplained))
    if faults.reduce(0, { $0 + $1.weight }) < Self.most { return false }
    faults = []
    return true
  }

  /// The last of them was a client's doing, who is gone.
  mutating func explain() {
    if let last = faults.indices.last { faults[last].weight = Self.explained }
  }
}
