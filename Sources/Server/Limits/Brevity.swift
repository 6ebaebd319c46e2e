import EventLoop

/// So many lines of one kind a second; how many were left out is told with the next one.
struct Brevity {
  private let perSecond: Int
  private var second: UInt64 = 0
  private var told = 0
  private var leftOut = 0

  init(perSecond: Int) { self.perSecond = perSecond }

  /// What to add to the line, or nil when it is not to be written.
  mutating func remark(at now: Moment) -> String? {
    let current = now.nanoseconds / 1_000_000_000
    if current != second {
      second = current
      told = 0
    }
    if told >= perSecond {
      leftOut += 1
      return nil
    }
    told += 1
    defer { leftOut = 0 }
    return leftOut == 0 ? "" : " (\(leftOut) lines like it were left out)"
  }
}
