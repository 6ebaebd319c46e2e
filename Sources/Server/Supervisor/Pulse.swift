import EventLoop

/// Whether a counter that should go on does.
///
/// Only time in which we looked counts: when the whole machine was stopped for a while, or left no turn to us, nobody
/// is to blame.
struct Pulse {
  private let patience: Duration
  private let longestGap: Duration
  private var last: UInt64?
  private var lookedAt = Moment(nanoseconds: 0)
  private var stillness = Duration.zero

  init(patience: Duration = .milliseconds(2200), lookingEvery period: Duration = .milliseconds(250)) {
    self.patience = patience
    longestGap = period * 2
  }

  /// For how long it has stood still, once that is too long.
  mutating func look(_ value: UInt64, at now: Moment) -> Duration? {
    defer { lookedAt = now }
    if value != last {
      last = value
      stillness = .zero
      return nil
    }
    stillness += min(now.duration(since: lookedAt), longestGap)
    return stillness > patience ? stillness : nil
  }
}
