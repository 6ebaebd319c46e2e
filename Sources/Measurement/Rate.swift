/// What grows how fast: rates per second out of counts that only grow. A count that shrinks has begun anew, as those
/// of a restarted worker do.
public struct Rate: Equatable, Sendable {
  private var last: Look?
  /// Between the last two looks; 0 before there were two.
  public private(set) var perSecond = 0.0

  public init() {}

  /// `now` in nanoseconds. A second look at the same moment changes nothing.
  public mutating func update(_ count: UInt64, at now: UInt64) {
    guard let last else {
      self.last = Look(count: count, at: now)
      return
    }
    guard now > last.at else { return }
    let grown = count >= last.count ? count - last.count : count
    perSecond = Double(grown) * 1e9 / Double(now - last.at)
    self.last = Look(count: count, at: now)
  }

  private struct Look: Equatable, Sendable {
    var count: UInt64
    var at: UInt64
  }
}
