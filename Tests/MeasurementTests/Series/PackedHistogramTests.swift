import Bytes
import Testing

@testable import Measurement

@Suite struct PackedHistogramTests {
  private func histogram(_ seed: UInt64) -> Histogram {
    var random = SplitMix64(seed: seed)
    var histogram = Histogram()
    for _ in 0..<(seed % 300) {
      histogram.record(random.next() >> UInt64.random(in: 20...63, using: &random))
    }
    if seed % 5 == 0 { histogram.record(.max, count: 1 << 40) }
    return histogram
  }

  @Test("what is packed comes back whole", arguments: 0...40 as ClosedRange<UInt64>)
  func roundTrip(_ seed: UInt64) throws {
    let packed = PackedHistogram(histogram(seed))
    #expect(packed.histogram == histogram(seed), "seed \(seed)")
    #expect(packed.isEmpty == histogram(seed).isEmpty)
    #expect(try #require(PackedHistogram(checking: packed.bytes)) == packed)
  }

  @Test("merging packed ones is merging them", arguments: 1...20 as ClosedRange<UInt64>)
  func merge(_ seed: UInt64) {
    var packed = PackedHistogram(histogram(seed))
    packed.merge(PackedHistogram(histogram(seed + 100)))
    var plain = histogram(seed)
    plain.merge(histogram(seed + 100))
    #expect(packed == PackedHistogram(plain), "seed \(seed)")
    packed.merge(PackedHistogram())
    #expect(packed.histogram == plain)
  }

  @Test("an answer takes a dozen bytes, not 42 KiB")
  func size() {
    var histogram = Histogram()
    histogram.record(150_000)
    #expect(PackedHistogram(histogram).bytes.count < 16)
  }

  @Test("cut short anywhere it is none")
  func cut() {
    let bytes = PackedHistogram(histogram(47)).bytes
    for length in 1..<bytes.count {
      #expect(PackedHistogram(checking: Array(bytes.prefix(length))) == nil, "\(length) of \(bytes.count)")
    }
  }

  @Test("a wrong bit is refused, or leads to another histogram that holds together")
  func wrongBits() {
    let bytes = PackedHistogram(histogram(23)).bytes
    for place in bytes.indices {
      for bit in 0..<8 {
        var wrong = bytes
        wrong[place] ^= 1 << UInt8(bit)
        guard let read = PackedHistogram(checking: wrong) else { continue }
        var total: UInt64 = 0
        read.histogram.forEachBucket { total += $1 }
        #expect(total == read.histogram.count && total > 0, "bit \(bit) of byte \(place)")
      }
    }
  }

  @Test("numbers beyond 64 bits, and no end of them, are refused")
  func hostile() {
    #expect(PackedHistogram(checking: [UInt8](repeating: 0xFF, count: 9) + [0x02]) == nil)
    #expect(PackedHistogram(checking: [UInt8](repeating: 0xFF, count: 64)) == nil)
    #expect(PackedHistogram(checking: [UInt8](repeating: 1, count: 100_000)) == nil)
    // A histogram of nothing is written as nothing.
    #expect(PackedHistogram(checking: [0, 0, 0, 0, 0]) == nil)
    #expect(PackedHistogram(checking: [])?.isEmpty == true)
  }
}
