/// Counts of values in buckets that grow with the value (log-linear, after HDR): any percentile within 0.8 %,
/// 42 KiB whatever is recorded, merged without loss.
public struct Histogram: Equatable, Sendable {
  /// What is known exactly, beside the buckets.
  @usableFromInline
  struct Totals: Equatable, Sendable {
    @usableFromInline var count: UInt64 = 0
    @usableFromInline var sum: UInt64 = 0
    @usableFromInline var clamped: UInt64 = 0
    @usableFromInline var least: UInt64 = .max
    @usableFromInline var most: UInt64 = 0

    @usableFromInline init() {}
  }

  /// Three days of nanoseconds. Larger values are counted as this one, and counted as clamped.
  public static var largest: UInt64 { (1 << bits) - 1 }

  @usableFromInline var buckets: [UInt64]
  @usableFromInline var totals = Totals()

  public init() { buckets = [UInt64](repeating: 0, count: Self.bucketCount) }

  public var isEmpty: Bool { totals.count == 0 }
  public var count: UInt64 { totals.count }
  /// Stays at 2^64 - 1 once it gets there: the mean of more is nobody's question.
  public var sum: UInt64 { totals.sum }
  public var clamped: UInt64 { totals.clamped }
  public var min: UInt64 { totals.count == 0 ? 0 : totals.least }
  public var max: UInt64 { totals.most }
  public var mean: Double { totals.count == 0 ? 0 : Double(totals.sum) / Double(totals.count) }

  @inlinable
  public mutating func record(_ value: UInt64, count times: UInt64 = 1) {
    if times == 0 { return }
    let kept = Swift.min(value, Self.largest)
    if value > Self.largest { totals.clamped &+= times }
    buckets[Self.index(of: kept)] &+= times
    totals.count &+= times
    let (product, tooBig) = kept.multipliedReportingOverflow(by: times)
    let (total, overflow) = totals.sum.addingReportingOverflow(product)
    totals.sum = tooBig || overflow ? .max : total
    totals.least = Swift.min(totals.least, kept)
    totals.most = Swift.max(totals.most, kept)
  }

  /// The value below or at which `percent` of all values lie; never beyond the largest there was.
  public func percentile(_ percent: Double) -> UInt64 {
    if count == 0 { return 0 }
    let share = percent > 0 ? Swift.min(percent, 100) / 100 : 0
    let rank = (Double(count) * share).rounded(.up)
    // A double cannot hold each count: what rounds up beyond the last value means the last.
    let wanted = rank >= Double(count) ? count : Swift.max(1, UInt64(rank))
    var seen: UInt64 = 0
    for index in buckets.indices where buckets[index] > 0 {
      seen &+= buckets[index]
      if seen >= wanted { return Swift.min(Swift.max(Self.highest(of: index), totals.least), totals.most) }
    }
    return totals.most
  }

  public mutating func merge(_ other: Histogram) {
    if other.count == 0 { return }
    for index in buckets.indices { buckets[index] &+= other.buckets[index] }
    totals.count &+= other.totals.count
    totals.sum = totals.sum.addingClamped(other.totals.sum)
    totals.clamped &+= other.totals.clamped
    totals.least = Swift.min(totals.least, other.totals.least)
    totals.most = Swift.max(totals.most, other.totals.most)
  }

  /// Forgets the values and keeps the memory.
  public mutating func clear() {
    for index in buckets.indices { buckets[index] = 0 }
    totals = Totals()
  }
}
