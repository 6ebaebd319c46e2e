/// The longest time a socket heard nothing while it had reason to: how long a restart was felt. Plain data, one per
/// socket; the longest of several is the run's.
///
/// A socket has reason to hear something from the moment a message was meant to leave until its answer, and from the
/// moment it was dropped until it is back. So a stall that falls between two messages of a socket is not in its
/// silence: who speaks once a second notices 5 ms of stall with a chance of one in two hundred, and then the part
/// behind its message. Over many sockets, whose turns are spread evenly, the longest silence misses a stall of all
/// of them by no more than the time between two messages of the run; how many sockets were silent says how many
/// spoke into it, not how many it touched.
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

  /// What another process has seen.
  init(longestNanoseconds: UInt64, beganAt: UInt64) {
    self.longestNanoseconds = longestNanoseconds
    self.beganAt = beganAt
  }

  private mutating func close(at now: UInt64) {
    guard now > silentSince, now - silentSince > longestNanoseconds else { return }
    longestNanoseconds = now - silentSince
    beganAt = silentSince
  }
}
