import Bytes

/// When each socket opens and when each message is meant to leave, fixed before the run (the open model): a slow
/// server cannot make the plan slower, so its slowness shows in the latency.
///
/// Times are nanoseconds since the start. Sockets are spread evenly over the period, each moved a little by the
/// seed, so that they do not fire as one.
public struct Schedule: Equatable, Sendable {
  public let sockets: Int
  /// Between two messages of one socket; nil when nothing is sent.
  public let period: UInt64?
  private let openingGap: Double
  private let seed: UInt64
  private let tick: UInt64

  /// `rate`: new connections a second; `sendRate`: messages a second and socket. What falls into one `tick` is meant
  /// to leave at its beginning, together: so a generator wakes up for several, which is most of what it costs.
  public init(sockets: Int, rate: Double, sendRate: Double, seed: UInt64, tick: UInt64 = 0) {
    self.tick = tick
    self.sockets = max(1, sockets)
    openingGap = rate > 0 ? 1e9 / rate : 0
    // A nanosecond is the shortest period, thirty years the longest.
    period = sendRate > 0 ? UInt64(max(1, min(1e9 / sendRate, 1e18))) : nil
    self.seed = seed
  }

  /// The first at once, whatever the rate; centuries ahead for a rate of next to nothing.
  public func opening(of socket: Int) -> UInt64 {
    socket <= 0 ? 0 : UInt64(min(Double(socket) * openingGap, 1e18))
  }

  /// When the last socket is meant to open.
  public var openedBy: UInt64 { opening(of: sockets - 1) }

  /// Where in the period a socket's messages fall.
  public func phase(of socket: Int) -> UInt64 {
    guard let period else { return 0 }
    let width = Double(period) / Double(sockets)
    var random = SplitMix64(seed: seed ^ UInt64(truncatingIfNeeded: socket))
    let jitter = Double(random.next() >> 11) / Double(1 << 53)
    let phase = UInt64(width * (Double(socket) + jitter))
    return tick > 0 ? phase - phase % tick : phase
  }

  /// When message `number` of the socket is meant to leave: computed, not added up, so it cannot drift. Nil when
  /// nothing is sent, or not before the end of time.
  public func intended(of socket: Int, _ number: UInt64) -> UInt64? {
    guard let period else { return nil }
    let (turns, tooMany) = number.multipliedReportingOverflow(by: period)
    let (time, tooLate) = turns.addingReportingOverflow(phase(of: socket))
    return tooMany || tooLate ? nil : time
  }

  /// The first moment of the socket's plan at or after `time`.
  public func firstSend(of socket: Int, from time: UInt64) -> UInt64? {
    guard let period else { return nil }
    let phase = phase(of: socket)
    if time <= phase { return phase }
    let past = (time - phase) % period
    return past == 0 ? time : time &+ (period - past)
  }
}
