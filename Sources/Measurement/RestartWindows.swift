/// Where a message stands to the restarts of a run: in the steady time before the first, or around one of them.
///
/// A window opens when its restart is planned to begin and closes some time after it has ended, because what a
/// restart does to a client may come later: it has to come back, and one that speaks once a second notices nothing
/// before it speaks. A message belongs to a window if any moment between its intended departure and its answer lies
/// in it. What comes after a window, before the next, is in neither part.
public struct RestartWindows: Equatable, Sendable {
  public enum Part: Sendable {
    case steady
    case during
  }

  private struct Window: Equatable, Sendable {
    let opens: UInt64
    /// The end of time until the restart has ended.
    var closes = UInt64.max
  }

  private let steadyFrom: UInt64
  private let firstOpens: UInt64
  private let tail: UInt64
  private var windows: [Window]

  /// Nil without restarts. Times are nanoseconds of the run; before `steadyFrom` sockets are still being opened.
  public init?(begins: [UInt64], steadyFrom: UInt64, tail: UInt64) {
    guard let first = begins.min() else { return nil }
    firstOpens = first
    self.steadyFrom = steadyFrom
    self.tail = tail
    windows = begins.map { Window(opens: $0) }
  }

  /// Restart `number` has ended.
  public mutating func end(_ number: Int, at now: UInt64) {
    guard windows.indices.contains(number) else { return }
    windows[number].closes = max(now, windows[number].opens).addingClamped(tail)
  }

  public func part(intended: UInt64, heard: UInt64) -> Part? {
    if heard < firstOpens { return intended >= steadyFrom ? .steady : nil }
    return windows.contains { heard >= $0.opens && intended <= $0.closes } ? .during : nil
  }
}
