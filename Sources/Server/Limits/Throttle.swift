import EventLoop

/// How fast one socket may speak. Over it, its socket is not read for a while: TCP passes that on to the sender, who
/// slows down and loses nothing. A server that would rather be rid of it closes it (`rate-policy close`).
struct Throttle {
  let policy: RatePolicy
  private let messages: Allowance?
  private let bytes: Allowance?

  /// What one socket has used up, as moments on the clock: part of its record.
  struct Spent: BitwiseCopyable, Equatable {
    var messages: UInt64 = 0
    var bytes: UInt64 = 0
  }

  /// Nil: nobody is to be slowed down.
  init?(_ limits: LimitSettings) {
    if limits.messagesPerSecond == nil && limits.bytesPerSecond == nil { return nil }
    policy = limits.ratePolicy
    messages = limits.messagesPerSecond.map { Allowance(perSecond: $0) }
    bytes = limits.bytesPerSecond.map { Allowance(perSecond: $0) }
  }

  func spend(messages count: Int, bytes size: Int, from spent: inout Spent, at now: Moment) {
    messages?.spend(count, from: &spent.messages, at: now.nanoseconds)
    bytes?.spend(size, from: &spent.bytes, at: now.nanoseconds)
  }

  /// When the socket may be read again; nil: now.
  func pause(_ spent: Spent, at now: Moment) -> Moment? {
    let waits = [
      messages?.pause(spent.messages, at: now.nanoseconds), bytes?.pause(spent.bytes, at: now.nanoseconds),
    ]
    return waits.compactMap { $0 }.max().map { Moment(nanoseconds: $0) }
  }
}
