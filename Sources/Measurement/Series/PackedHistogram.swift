/// A histogram that takes only as many bytes as it has something to tell, some hundreds for a quarter of a second:
/// its totals, then the distance to the next bucket and its count, all as numbers of seven bits a byte.
///
/// What a series keeps of each step, and what goes from a generator to its parent. Nothing is lost on the way.
package struct PackedHistogram: Equatable, Sendable {
  package private(set) var bytes: [UInt8] = []

  /// Of nothing.
  package init() {}

  package init(_ histogram: Histogram) {
    if histogram.isEmpty { return }
    var previous: UInt64 = 0
    for (place, word) in histogram.encoded.enumerated() {
      guard Self.isIndex(place) else {
        append(word)
        continue
      }
      append(word - previous)
      previous = word
    }
  }

  /// What another process or a file says; nil for what no histogram can be.
  package init?(checking bytes: [UInt8]) {
    guard let words = Self.words(bytes), bytes.isEmpty || Histogram(encoded: words)?.isEmpty == false else {
      return nil
    }
    self.bytes = bytes
  }

  package var isEmpty: Bool { bytes.isEmpty }

  package var histogram: Histogram {
    Self.words(bytes).flatMap { $0.isEmpty ? nil : Histogram(encoded: $0) } ?? Histogram()
  }

  package mutating func merge(_ other: PackedHistogram) {
    if other.isEmpty { return }
    if isEmpty {
      self = other
      return
    }
    var sum = histogram
    sum.merge(other.histogram)
    self = PackedHistogram(sum)
  }

  private static let totals = 5

  private static func isIndex(_ place: Int) -> Bool { place >= totals && place % 2 == totals % 2 }

  private mutating func append(_ word: UInt64) {
    var rest = word
    while rest > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// As `Histogram.encoded` has them, with places of buckets instead of distances. Nil when a number is cut short, is
  /// longer than 64 bits, or when there are more buckets than a histogram has.
  private static func words(_ bytes: [UInt8]) -> [UInt64]? {
    var words: [UInt64] = []
    var word: UInt64 = 0
    var shift: UInt64 = 0
    var previous: UInt64 = 0
    for byte in bytes {
      if shift > 63 || shift == 63 && byte > 1 { return nil }
      word |= UInt64(byte & 0x7F) << shift
      shift += 7
      if byte & 0x80 != 0 { continue }
      if isIndex(words.count) {
        word = word.addingClamped(previous)
        previous = word
      }
      words.append(word)
      if words.count > totals + 2 * Histogram.bucketCount { return nil }
      word = 0
      shift = 0
    }
    return shift == 0 ? words : nil
  }
}
