/// How many a drain asks to go in each turn: evenly over its window while the survivors are calm, fewer while one is
/// strained, what was put off later, and everybody by its end.
///
/// Rates are in millionths of the mean, which is everybody over the whole window. `even` is the rate that would ask
/// the rest evenly. At every turn `floor <= ceiling <= most` and `rate <= even`: what strain puts off makes `even` grow
/// towards `most`, and nobody is asked sooner than in an even pace.
package struct Pace: Equatable, Sendable {
  /// What it does just now.
  package struct Rate: Equatable, Sendable {
    /// Sockets asked to go in a second, rounded up.
    package let perSecond: Int
    /// Of what would ask the rest evenly; below 100 it holds back.
    package let percent: Int

    package init(perSecond: Int, percent: Int) {
      self.perSecond = perSecond
      self.percent = percent
    }
  }

  private let total: Int
  private let window: Int128
  private let end: Duration
  private let turn: Duration
  private let most: Int128

  private var asked = 0
  /// Those who were open and unasked after the last turn.
  private var unasked: Int
  /// What strain allows: lowered by a factor, raised by a step.
  private var ceiling: Int128
  private var raisedAt: Duration
  private var mayLowerAt: Duration
  /// What has been paid and not yet become a whole socket. One is `socket` of these.
  private var credit: Int128
  private var paidUntil: Duration
  private var even = Pace.mean
  private var rate = Pace.mean

  private static let mean: Int128 = 1_000_000
  private static let floor = mean / 10
  /// No second holds more than this, unless the deadline would be missed.
  private static let limit = mean * 3 / 2
  /// In a calm second the ceiling rises by so much.
  private static let rise = mean / 5
  /// So much of the rate an overwhelmed survivor takes away at once.
  private static let cut = 75
  /// Survivors speak once a second, and what they say is acted on once.
  private static let second = Duration.seconds(1)
  /// No machine has more sockets, and so nothing here overflows.
  private static let mostSockets = Int(UInt32.max)

  /// For those who are open at `start`; `turn` is the usual time between two calls of `ask`.
  package init(_ open: Int, from start: Duration, until deadline: Duration, turn: Duration) {
    total = min(max(open, 1), Self.mostSockets)
    unasked = total
    window = max(1, (deadline - start).nanoseconds)
    // One turn to spare: a late one must not cost anybody a forced end.
    end = deadline - turn
    self.turn = turn
    // A turn pays from where the last one ended, but not for more than two: a second holds two more at most. With
    // turns too long for that there is still some room to catch up.
    let careful = Self.limit * Self.second.nanoseconds / (Self.second + turn + turn).nanoseconds
    most = max(careful, Self.mean * 11 / 10)
    ceiling = most
    raisedAt = start
    mayLowerAt = start
    // The first one need not wait.
    credit = Self.mean * window
    paidUntil = start
  }

  private var socket: Int128 { Self.mean * window }

  /// How many to ask now. `open` counts all that are still there, `strain` is the survivors' latest word, if any.
  package mutating func ask(at now: Duration, open: Int, strain: Strain?) -> Int {
    // Who was asked needs a moment until he is gone, and must not be asked again.
    unasked = max(0, min(total - asked, open))
    let count = min(unasked, due(at: now, strain: strain))
    asked += count
    unasked -= count
    return count
  }

  private mutating func due(at now: Duration, strain: Strain?) -> Int {
    // A turn a little late loses nothing. What a stall has cost is not made up for at once: `even` spreads it.
    let from = max(now - turn, paidUntil)
    let until = max(now + turn, from)
    if until >= end { return unasked }
    even = max(0, Int128(unasked) * socket - credit) / (Int128(total) * (end - from).nanoseconds)
    heed(strain, at: now)
    rate = allowed
    credit += rate * Int128(total) * (until - from).nanoseconds
    paidUntil = until
    let whole = credit / socket
    credit -= whole * socket
    return Int(whole)
  }

  /// Multiplicative decrease, additive increase.
  private mutating func heed(_ strain: Strain?, at now: Duration) {
    let calm = max(0, (now - raisedAt).nanoseconds)
    raisedAt = now
    guard let strain, strain > .calm else {
      ceiling = min(most, ceiling + Self.rise * calm / Self.second.nanoseconds)
      return
    }
    if now < mayLowerAt { return }
    mayLowerAt = now + Self.second
    ceiling = max(Self.floor, min(ceiling, even) * Int128(100_000 - Self.cut * strain.permille) / 100_000)
  }

  private var allowed: Int128 {
    // Time was lost: what asks the rest evenly is the least that meets the deadline.
    if even >= most { return even }
    // The more has been put off, the less can be put off: as `even` goes from the mean to `most`, the ceiling gives
    // way, slowly first, and the rate comes to `most` without a leap.
    let debt = max(0, even - Self.mean)
    let whole = most - Self.mean
    return min(even, ceiling + (most - ceiling) * debt * debt / (whole * whole))
  }

  /// Nil when there is nobody left to ask.
  package var current: Rate? {
    if unasked == 0 { return nil }
    let perMean = Int128(total) * Self.second.nanoseconds
    let perSecond = (rate * perMean + socket - 1) / socket
    return Rate(perSecond: Int(clamping: perSecond), percent: even > 0 ? Int(rate * 100 / even) : 100)
  }
}

extension Duration {
  fileprivate var nanoseconds: Int128 {
    Int128(components.seconds) * 1_000_000_000 + Int128(components.attoseconds / 1_000_000_000)
  }
}
