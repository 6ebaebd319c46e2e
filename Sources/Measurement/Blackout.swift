/// Times at which nobody of a run heard anything although somebody had reason to: the server as a whole was away.
/// One for all sockets of a generator. An answer that is lost holds nothing up: once the newest message is answered
/// nothing is waited for.
public struct Blackout: Equatable, Sendable {
  private var since: UInt64 = 0
  private var newest: UInt64 = 0
  private var isWaiting = false

  public init() {}

  /// A message falls due, whether or not it can be sent.
  @inline(__always)
  public mutating func expect(at intended: UInt64) {
    if !isWaiting {
      isWaiting = true
      since = max(since, intended)
    }
    newest = max(newest, intended)
  }

  /// An answer has come; returns how long there was none.
  @inline(__always)
  public mutating func hear(of intended: UInt64, at now: UInt64) -> UInt64 {
    let silence = isWaiting ? now &- min(now, since) : 0
    since = now
    if intended >= newest { isWaiting = false }
    return silence
  }

  /// Nothing more is waited for; what was silent until now is returned.
  public mutating func rest(at now: UInt64) -> UInt64 {
    defer { isWaiting = false }
    return isWaiting ? now - min(now, since) : 0
  }
}
