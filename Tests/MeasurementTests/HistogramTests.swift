import Bytes
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
    for percent in [-1, 0, 50, 99.9, 100, 1000, .nan, .infinity] {
      #expect(histogram.percentile(percent) == Histogram.largest)
    }
  }

  @Test("what was recorded since is what is new, and only of itself", arguments: [1, 2, 3] as [UInt64])
  func interval(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var histogram = Histogram()
    for _ in 0..<500 { histogram.record(random.next() >> 30) }
    let earlier = histogram
    #expect(histogram.since(earlier) == Histogram())
    var fresh = Histogram()
    for _ in 0..<500 {
      let value = random.next() >> 35
      histogram.record(value)
      fresh.record(value)
    }
    let interval = try #require(histogram.since(earlier))
    #expect((interval.count, interval.sum) == (fresh.count, fresh.sum), "seed \(seed)")
    #expect(interval.buckets == fresh.buckets, "seed \(seed)")
    #expect(interval.min <= fresh.min && interval.max >= fresh.max)
    #expect(Double(interval.max) <= Double(fresh.max) * 1.01)
    #expect(earlier.since(histogram) == nil)
  }

  @Test("buckets hold every value once, and count up to any bound")
  func iteration() {
    var histogram = Histogram()
    for value: UInt64 in [0, 3, 127, 128, 5000, 5001, 1_000_000, .max] { histogram.record(value) }
    var total: UInt64 = 0
    var highest: UInt64?
    histogram.forEachBucket { values, count in
      #expect(highest.map { $0 < values.lowerBound } ?? true)
      highest = values.upperBound
      total += count
    }
    #expect(total == 8)
    #expect([0, 2, 3, 127, 999_000, .max].map(histogram.count(through:)) == [1, 1, 2, 3, 6, 8])
  }

  @Test("cleared is new")
  func clear() {
    var histogram = Histogram()
    histogram.record(77, count: 5)
    histogram.clear()
    #expect(histogram == Histogram())
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
    for place in words.indices where place != 3 {
      var changed = words
      changed[place] = .max
      #expect(Histogram(encoded: changed) == nil, "word \(place)")
    }
  }

  @Test(
    "totals that are not those of the buckets are refused",
    arguments: [
      [3, 15, 0, 5, 5, 5, 1, 5, 2],  // a bucket twice
      [3, 16, 0, 5, 6, 6, 1, 5, 2],  // buckets backwards
      [1, 5, 0, 5, 5, 5, 1, 6, 0],  // a bucket of none
      [1, 6, 0, 5, 5, 5, 1],  // a sum that cannot be
      [1, 5, 1, 5, 5, 5, 1],  // clamped, yet small
      [1, 5, 0, 4, 5, 5, 1],  // a least that is in no bucket
      [1, 5, 0, 5, 6, 5, 1],  // a most that is in no bucket
      [0, 0, 0, 0, 0],  // nothing, with a least
      [1 << 54, .max, 0, 5, 5, 5, 1 << 54],  // more than anybody counts
    ] as [[UInt64]])
  func madeUp(_ words: [UInt64]) {
    #expect(Histogram(encoded: words) == nil)
  }

  @Test("full buckets all over are too many, not a trap")
  func tooMany() {
    var words: [UInt64] = [0, 0, 0, 0, 0]
    for index in 0..<UInt64(Histogram.bucketCount) { words += [index, 1 << 53] }
    #expect(Histogram(encoded: words) == nil)
  }

  @Test(
    "any words are read as nothing, or as what they were written from",
    arguments: 1...20 as ClosedRange<UInt64>)
  func hostile(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var histogram = Histogram()
    for _ in 0..<20 { histogram.record(random.next() >> UInt64.random(in: 24...63, using: &random)) }
    let words = histogram.encoded
    for _ in 0..<200 {
      var changed = words
      let place = Int.random(in: changed.indices, using: &random)
      changed[place] ^= 1 << UInt64.random(in: 0..<64, using: &random)
      guard let read = Histogram(encoded: changed) else { continue }
      #expect(read.encoded == changed, "seed \(seed)")
      #expect(read.percentile(100) == read.max, "seed \(seed)")
    }
  }
}
