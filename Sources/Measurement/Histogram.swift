/// Counts of values in buckets that grow with the value (log-linear, after HDR): any percentile within 0.8 %,
/// 35 KiB whatever is recorded, merged without loss.
public struct Histogram: Equatable, Sendable {
  /// Each power of two has this many buckets.
  @usableFromInline static var stepBits: Int { 7 }
  @usableFromInline static var steps: Int { 1 << stepBits }
  /// Larger values are counted as this one, and counted as clamped.
  public static var largest: UInt64 { (1 << 40) - 1 }
  public static var bucketCount: Int { (40 - stepBits + 1) << stepBits }

  @usableFromInline var buckets: [UInt64]
  public private(set) var count: UInt64 = 0
  /// Saturates: the mean of more than 2^64 is nobody's question.
  public private(set) var sum: UInt64 = 0
  public private(set) var clamped: UInt64 = 0
  private var least: UInt64 = .max
  private var most: UInt64 = 0

  public init() { buckets = [UInt64](repeating: 0, count: Self.bucketCount) }

  public var isEmpty: Bool { count == 0 }
  public var min: UInt64 { count == 0 ? 0 : least }
  public var max: UInt64 { most }
  public var mean: Double { count == 0 ? 0 : Double(sum) / Double(count) }

  public mutating func record(_ value: UInt64, count times: UInt64 = 1) {
    if times == 0 { return }
    let value = Swift.min(value, Self.largest + 1)
    if value > Self.largest { clamped &+= times }
    let kept = Swift.min(value, Self.largest)
    buckets[Self.index(of: kept)] &+= times
    count &+= times
    let (product, tooBig) = kept.multipliedReportingOverflow(by: times)
    let (total, overflow) = sum.addingReportingOverflow(product)
    sum = tooBig || overflow ? .max : total
    least = Swift.min(least, kept)
    most = Swift.max(most, kept)
  }

  /// The value below or at which `percent` of all values lie; never beyond the largest there was.
  public func percentile(_ percent: Double) -> UInt64 {
    if count == 0 { return 0 }
    let wanted = Swift.max(
      1, UInt64((Double(count) * Swift.min(Swift.max(percent, 0), 100) / 100).rounded(.up)))
    var seen: UInt64 = 0
    for index in buckets.indices where buckets[index] > 0 {
      seen &+= buckets[index]
      if seen >= wanted { return Swift.min(Swift.max(Self.highest(of: index), least), most) }
    }
    return most
  }

  public mutating func merge(_ other: Histogram) {
    if other.count == 0 { return }
    for index in buckets.indices { buckets[index] &+= other.buckets[index] }
    count &+= other.count
    let (total, overflow) = sum.addingReportingOverflow(other.sum)
    sum = overflow ? .max : total
    clamped &+= other.clamped
    least = Swift.min(least, other.least)
    most = Swift.max(most, other.most)
  }

  public mutating func clear() { self = Histogram() }

  // MARK: Buckets

  @inline(__always)
  static func index(of value: UInt64) -> Int {
    if value < UInt64(steps) { return Int(value) }
    let exponent = 63 - value.leadingZeroBitCount
    let step = Int(value >> UInt64(exponent - stepBits)) & (steps - 1)
    return (exponent - stepBits + 1) << stepBits | step
  }

  static func lowest(of index: Int) -> UInt64 {
    if index < steps { return UInt64(index) }
    let exponent = index >> stepBits - 1
    return UInt64(steps | index & (steps - 1)) << UInt64(exponent)
  }

  /// What stands for the bucket: a latency is never told smaller than it was.
  private static func highest(of index: Int) -> UInt64 { lowest(of: index + 1) - 1 }

  // MARK: Travelling

  /// Figures and the buckets that hold something, for another process to merge.
  package var encoded: [UInt64] {
    var words = [count, sum, clamped, least, most]
    for index in buckets.indices where buckets[index] > 0 { words += [UInt64(index), buckets[index]] }
    return words
  }

  /// Nil for what no histogram can be.
  package init?(encoded words: [UInt64]) {
    guard words.count >= 5, (words.count - 5) % 2 == 0 else { return nil }
    self.init()
    var total: UInt64 = 0
    for index in stride(from: 5, to: words.count, by: 2) {
      guard words[index] < UInt64(Self.bucketCount) else { return nil }
      buckets[Int(words[index])] = words[index + 1]
      let (sum, overflow) = total.addingReportingOverflow(words[index + 1])
      if overflow { return nil }
      total = sum
    }
    guard total == words[0], words[4] <= Self.largest else { return nil }
    guard total == 0 || words[3] <= words[4] else { return nil }
    (count, sum, clamped, least, most) = (words[0], words[1], words[2], words[3], words[4])
  }
}
