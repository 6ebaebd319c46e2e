import Testing

@testable import Measurement

@Suite struct HistogramTests {
  @Test("every value lies in the bucket that says so, and buckets leave no gap")
  func buckets() {
    var previous = -1
    for value: UInt64 in 0..<100_000 {
      let index = Histogram.index(of: value)
      #expect(index == previous || index == previous + 1)
      #expect(Histogram.lowest(of: index) <= value)
      previous = index
    }
    #expect(Histogram.index(of: Histogram.largest) == Histogram.bucketCount - 1)
  }

  @Test("percentiles are within one per cent of the truth", arguments: [1, 2, 3, 4, 5] as [UInt64])
  func accuracy(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var histogram = Histogram()
    var values: [UInt64] = []
    for _ in 0..<20_000 {
      let value = random.next() >> UInt64.random(in: 25...60, using: &random)
      values.append(value)
      histogram.record(value)
    }
    values.sort()
    for percent in [0.0, 1, 10, 50, 90, 99, 99.9, 100] {
      let rank = max(1, Int((Double(values.count) * percent / 100).rounded(.up)))
      let truth = Double(values[rank - 1])
      let found = Double(histogram.percentile(percent))
      #expect(abs(found - truth) <= max(1, truth * 0.01), "seed \(seed), \(percent) %: \(found) for \(truth)")
    }
    #expect(histogram.max == values.last)
    #expect(histogram.min == values.first)
    #expect(histogram.count == 20_000)
  }

  @Test("merging two is recording all in one")
  func merge() {
    var random = SplitMix64(seed: 7)
    var one = Histogram()
    var two = Histogram()
    var all = Histogram()
    for index in 0..<5000 {
      let value = random.next() >> 40
      all.record(value)
      if index % 3 == 0 { one.record(value) } else { two.record(value) }
    }
    one.merge(two)
    #expect(one == all)
    one.merge(Histogram())
    #expect(one == all)
  }

  @Test("nothing recorded is zero everywhere; what is too large is kept at the edge and counted")
  func edges() {
    var histogram = Histogram()
    #expect(histogram.percentile(99) == 0)
    #expect(histogram.min == 0)
    #expect(histogram.mean == 0)
    histogram.record(.max)
    histogram.record(.max, count: .max - 1)
    #expect(histogram.clamped == .max)
    #expect(histogram.max == Histogram.largest)
    #expect(histogram.sum == .max)
  }

  @Test("what travels arrives, and what was made up does not")
  func travelling() {
    var histogram = Histogram()
    for value: UInt64 in [0, 5, 1000, 1_000_000, .max] { histogram.record(value, count: value % 7 + 1) }
    let words = histogram.encoded
    #expect(Histogram(encoded: words) == histogram)
    #expect(Histogram(encoded: Histogram().encoded) == Histogram())
    #expect(Histogram(encoded: []) == nil)
    #expect(Histogram(encoded: Array(words.dropLast())) == nil)
    for place in [0, 5, 6] {
      var changed = words
      changed[place] = .max
      #expect(Histogram(encoded: changed) == nil)
    }
  }
}
