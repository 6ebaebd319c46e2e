/// How a histogram divides the numbers: one bucket for each below 128, then 128 for each power of two.
extension Histogram {
  @usableFromInline static var stepBits: Int { 7 }
  @usableFromInline static var steps: Int { 1 << stepBits }
  @usableFromInline static var bits: Int { 48 }
  public static var bucketCount: Int { (bits - stepBits + 1) << stepBits }

  @inlinable
  @inline(__always)
  static func index(of value: UInt64) -> Int {
    if value < UInt64(steps) { return Int(truncatingIfNeeded: value) }
    let exponent = 63 - value.leadingZeroBitCount
    let step = Int(truncatingIfNeeded: value >> UInt64(exponent - stepBits)) & (steps - 1)
    return (exponent - stepBits + 1) << stepBits | step
  }

  static func lowest(of index: Int) -> UInt64 {
    if index < steps { return UInt64(index) }
    let exponent = (index >> stepBits) - 1
    return UInt64(steps | index & (steps - 1)) << UInt64(exponent)
  }

  /// What stands for the bucket: a latency is never told smaller than it was.
  static func highest(of index: Int) -> UInt64 { lowest(of: index + 1) - 1 }

  /// Each bucket that holds something, from small to large.
  public func forEachBucket(_ body: (_ values: ClosedRange<UInt64>, _ count: UInt64) -> Void) {
    for index in buckets.indices where buckets[index] > 0 {
      body(Self.lowest(of: index)...Self.highest(of: index), buckets[index])
    }
  }

  /// How many values are at most `bound`, as Prometheus counts; those that share its bucket are in it.
  public func count(through bound: UInt64) -> UInt64 {
    let last = Self.index(of: Swift.min(bound, Self.largest))
    return buckets[...last].reduce(0, &+)
  }

  /// What was recorded since `earlier`, a copy of this histogram made then; nil if it is none. The smallest and
  /// the largest of the interval are known as well as their buckets tell.
  public func since(_ earlier: Histogram) -> Histogram? {
    guard earlier.sum <= sum, earlier.clamped <= clamped else { return nil }
    var interval = Histogram()
    for index in buckets.indices where buckets[index] != earlier.buckets[index] {
      guard buckets[index] > earlier.buckets[index] else { return nil }
      if interval.isEmpty { interval.totals.least = Swift.max(Self.lowest(of: index), totals.least) }
      interval.totals.most = Swift.min(Self.highest(of: index), totals.most)
      interval.buckets[index] = buckets[index] - earlier.buckets[index]
      interval.totals.count &+= interval.buckets[index]
    }
    interval.totals.sum = sum == .max ? .max : sum - earlier.sum
    interval.totals.clamped = clamped - earlier.clamped
    return interval.isEmpty ? Histogram() : interval
  }
}
