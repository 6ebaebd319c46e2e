/// How two sets of runs differ in one figure, and how far that can be trusted.
///
/// The figure of a run is the mean over its blocks, each some seconds long. Blocks are drawn anew with neighbours kept
/// together, because a second after a slow one is slow more often than others; and where a side has several runs, the
/// runs are drawn anew too, because runs differ by more than their seconds do. What of the ratio stays between `low`
/// and `high` in 99 of 100 draws is known; the rest is chance.
package struct Resampling: Equatable, Sendable {
  /// The second side's figure over the first's.
  package let ratio: Double
  package let low: Double
  package let high: Double
  package let first: Double
  package let second: Double

  private static let draws = 2000
  /// In each tail.
  private static let doubt = 0.005

  /// Each side: the blocks of each of its runs. Nil when a side has nothing, or nothing but zeros.
  package init?(_ first: [[Double]], _ second: [[Double]], seed: UInt64 = 1) {
    let sides = [first, second].map { runs in runs.filter { !$0.isEmpty }.map { Self.drawnIn($0) } }
    guard sides.allSatisfy({ !$0.isEmpty }) else { return nil }
    self.first = Self.mean(sides[0].map(Self.mean))
    self.second = Self.mean(sides[1].map(Self.mean))
    guard self.first > 0, self.second > 0 else { return nil }
    ratio = self.second / self.first
    var random = SplitMix64(seed: seed)
    var ratios: [Double] = []
    ratios.reserveCapacity(Self.draws)
    for _ in 0..<Self.draws {
      let below = Self.draw(sides[0], &random)
      let above = Self.draw(sides[1], &random)
      ratios.append(below > 0 ? above / below : .greatestFiniteMagnitude)
    }
    ratios.sort()
    let edge = Int(Self.doubt * Double(Self.draws))
    low = ratios[edge]
    high = ratios[Self.draws - 1 - edge]
  }

  /// The outermost tenth on either side is drawn in to the rest: one stall of the machine is no slow server. A server
  /// that stalls often still shows, for then it is more than a tenth.
  private static func drawnIn(_ values: [Double]) -> [Double] {
    let sorted = values.sorted()
    let edge = sorted.count / 10
    let (least, most) = (sorted[edge], sorted[sorted.count - 1 - edge])
    return values.map { Swift.min(Swift.max($0, least), most) }
  }

  private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  private static func draw(_ runs: [[Double]], _ random: inout SplitMix64) -> Double {
    var sum = 0.0
    for _ in runs { sum += drawMean(runs[runs.count == 1 ? 0 : index(runs.count, &random)], &random) }
    return sum / Double(runs.count)
  }

  /// The mean of as many blocks as there are, taken in stretches; the last is followed by the first.
  private static func drawMean(_ blocks: [Double], _ random: inout SplitMix64) -> Double {
    let count = blocks.count
    let stretch = stretch(of: count)
    var sum = 0.0
    var taken = 0
    while taken < count {
      let start = index(count, &random)
      for offset in 0..<Swift.min(stretch, count - taken) { sum += blocks[(start + offset) % count] }
      taken += stretch
    }
    return sum / Double(count)
  }

  /// The cube root, rounded up.
  private static func stretch(of count: Int) -> Int {
    var root = 1
    while root * root * root < count { root += 1 }
    return root
  }

  private static func index(_ count: Int, _ random: inout SplitMix64) -> Int {
    Int(truncatingIfNeeded: random.next() % UInt64(count))
  }
}
