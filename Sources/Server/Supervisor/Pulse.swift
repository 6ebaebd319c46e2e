import EventLoop

/// Whether a counter that should go on does.
struct Pulse {
  private var last: UInt64?
  private var since = Moment(nanoseconds: 0)

  private static let patience = Duration.milliseconds(2200)

  /// For how long it has stood still, once that is too long.
  mutating func look(_ value: UInt64, at now: Moment) -> Duration? {
    if value != last {
      last = value
      since = now
      return nil
    }
    let stillness = now.duration(since: since)
    return stillness > Self.patience ? stillness : nil
  }
}
