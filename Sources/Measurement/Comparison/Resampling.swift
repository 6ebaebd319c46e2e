import Bytes

/// How two sets of runs differ in one figure, and how far that can be trusted.
///
/// The figure of a run is the middle one of its blocks, each some seconds long: one stall of the machine is no slow
/// server. Blocks are drawn anew with neighbours kept together, because a second after a slow one is slow more often
/// than others; and where a side has several runs, the runs are drawn anew too, because runs differ by more than their
/// seconds do. What of the ratio stays between `low` and `high` in 99 of 100 draws is known; the rest is chance.
package struct Resampling: Equatable, Sendable {
  /// The second side's figure over the first's.
  package let ratio: Double
  package let low: Double
  package let high: Double
  package let first: Double
  package let second: Double

  private static let draws = 2000
  /// In each tail.
  private static let doubt = 0.0025

  /// Each side: the blocks of each of its runs. Nil when a side has nothing, or nothing but zeros.
  package init?(_ first: [[Double]], _ second: [[Double]], seed: UInt64 = 1) {
    let sides = [first, second].map { runs in runs.filter { !$0.isEmpty }.map(Blocks.init) }
    guard sides.allSatisfy({ !$0.isEmpty }) else { return nil }
    self.first = Self.mean(sides[0].map(\.middle))
    self.second = Self.mean(sides[1].map(\.middle))
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

  private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  private static func draw(_ runs: [Blocks], _ random: inout SplitMix64) -> Double {
    if runs.count == 1 { return runs[0].draw(&random) }
    return mean(runs.indices.map { _ in runs[random.below(runs.count)].draw(&random) })
  }
}

/// The blocks of one run, in order of time, and which of them is how large.
private struct Blocks {
  private let sorted: [Double]
  /// Of each block, its place among the sorted.
  private let ranks: [Int]

  init(_ values: [Double]) {
    let order = values.indices.sorted { values[$0] < values[$1] }
    sorted = order.map { values[$0] }
    var ranks = [Int](repeating: 0, count: values.count)
    for (rank, place) in order.enumerated() { ranks[place] = rank }
    self.ranks = ranks
  }

  var middle: Double { (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2 }

  /// The middle of as many blocks as there are, taken in stretches; the last is followed by the first.
  func draw(_ random: inout SplitMix64) -> Double {
    let count = ranks.count
    let stretch = stretch
    var drawn = [Int](repeating: 0, count: count)
    var taken = 0
    while taken < count {
      let start = random.below(count)
      for offset in 0..<min(stretch, count - taken) { drawn[ranks[(start + offset) % count]] += 1 }
      taken += stretch
    }
    return (value(at: (count - 1) / 2, of: drawn) + value(at: count / 2, of: drawn)) / 2
  }

  private func value(at place: Int, of drawn: [Int]) -> Double {
    var passed = 0
    for (rank, times) in drawn.enumerated() {
      passed += times
      if passed > place { return sorted[rank] }
    }
    return sorted[sorted.count - 1]
  }

  /// The cube root of how many there are, rounded up.
  private var stretch: Int {
    var root = 1
    while root * root * root < ranks.count { root += 1 }
    return root
  }
}

extension SplitMix64 {
  fileprivate mutating func below(_ count: Int) -> Int { Int(truncatingIfNeeded: next() % UInt64(count)) }
}
