import CLinux

/// A point on the machine's monotonic clock. Only differences mean anything.
public struct Moment: Comparable, Hashable, Sendable, BitwiseCopyable {
  public let nanoseconds: UInt64

  @inlinable public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  package static var current: Moment { Moment(nanoseconds: clinux_monotonic_ns()) }

  @inlinable public static func < (a: Moment, b: Moment) -> Bool { a.nanoseconds < b.nanoseconds }

  /// Saturates instead of wrapping: what lies beyond the clock is simply never due.
  @inlinable public func advanced(byNanoseconds delay: UInt64) -> Moment {
    let (sum, overflow) = nanoseconds.addingReportingOverflow(delay)
    return Moment(nanoseconds: overflow ? .max : sum)
  }

  public static func + (moment: Moment, delay: Duration) -> Moment {
    moment.advanced(byNanoseconds: delay.wholeNanoseconds)
  }

  /// How long ago `earlier` was; zero if it is still to come.
  @inlinable public func nanoseconds(since earlier: Moment) -> UInt64 {
    nanoseconds > earlier.nanoseconds ? nanoseconds - earlier.nanoseconds : 0
  }

  public func duration(since earlier: Moment) -> Duration {
    .nanoseconds(Int64(clamping: nanoseconds(since: earlier)))
  }
}

/// The calendar clock, for what people and other hosts read.
package enum WallClock {
  package static var unixNanoseconds: UInt64 { clinux_realtime_ns() }
  package static var unixMilliseconds: Int64 { Int64(clinux_realtime_ns() / 1_000_000) }
}

extension Duration {
  /// Never negative, and saturating.
  package var wholeNanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    if seconds < 0 || attoseconds < 0 { return 0 }
    let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? .max : product.addingReportingOverflow(UInt64(attoseconds) / 1_000_000_000).partialValue
  }
}
