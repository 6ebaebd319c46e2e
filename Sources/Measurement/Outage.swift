/// The longest time a socket heard nothing while it had reason to: how long a restart was felt. Plain data, one per
/// socket; the longest of several is the run's.
public struct Outage: Equatable, Sendable, BitwiseCopyable {
  public private(set) var longestNanoseconds: UInt64 = 0
  /// When the longest silence began, in nanoseconds of the run.
  public private(set) var beganAt: UInt64 = 0
  private var silentSince: UInt64 = 0
  private var isListening = false

  public init() {}

  /// From here on silence counts: the socket has sent something, or is to come back.
  public mutating func expect(at now: UInt64) {
    if isListening { return }
    isListening = true
    silentSince = now
  }

  public mutating func hear(at now: UInt64) {
    guard isListening else { return }
    close(at: now)
    silentSince = max(silentSince, now)
  }

  /// Nothing more is due; what was silent until now still counts.
  public mutating func rest(at now: UInt64) {
    guard isListening else { return }
    close(at: now)
    isListening = false
  }

  /// Keeps the longer one; of two alike, the earlier.
  public mutating func merge(_ other: Outage) {
    let isLonger = other.longestNanoseconds > longestNanoseconds
    let isEarlier = other.longestNanoseconds == longestNanoseconds && other.beganAt < beganAt
    guard isLonger || isEarlier else { return }
    longestNanoseconds = other.longestNanoseconds
    beganAt = other.beganAt
  }

  private mutating func close(at now: UInt64) {
    guard now > silentSince, now - silentSince > longestNanoseconds else { return }
    longestNanoseconds = now - silentSince
    beganAt = silentSince
  }
}
