/// A histogram on its way to another process: its totals, then index and count of each bucket that holds something.
extension Histogram {
  /// Beyond this a count is no measurement, and sums of a thousand reports still fit.
  static let mostCounted: UInt64 = 1 << 53

  package var encoded: [UInt64] {
    var words = [count, sum, clamped, totals.least, totals.most]
    for index in buckets.indices where buckets[index] > 0 { words += [UInt64(index), buckets[index]] }
    return words
  }

  /// Nil for what no histogram can be: the totals must be those of the buckets.
  package init?(encoded words: [UInt64]) {
    guard words.count >= 5, words.count % 2 == 1 else { return nil }
    self.init()
    var previous = -1
    for place in stride(from: 5, to: words.count, by: 2) {
      guard words[place] < UInt64(Self.bucketCount), Int(words[place]) > previous else { return nil }
      let times = words[place + 1]
      guard times > 0, times <= Self.mostCounted else { return nil }
      previous = Int(words[place])
      buckets[previous] = times
      totals.count += times  // both at most 2^53
      if totals.count > Self.mostCounted { return nil }
    }
    guard totals.count == words[0] else { return nil }
    if isEmpty {
      if words[1...] != [0, 0, .max, 0] { return nil }
      return
    }
    (totals.sum, totals.clamped, totals.least, totals.most) = (words[1], words[2], words[3], words[4])
    guard totalsFitBuckets(last: previous) else { return nil }
  }

  private func totalsFitBuckets(last: Int) -> Bool {
    guard totals.least <= totals.most, totals.most <= Self.largest, Self.index(of: totals.most) == last,
      buckets.firstIndex(where: { $0 > 0 }) == Self.index(of: totals.least),
      totals.clamped <= buckets[last], totals.clamped == 0 || totals.most == Self.largest
    else { return false }
    var smallest: UInt64 = 0
    var greatest: UInt64 = 0
    forEachBucket { values, count in
      let (low, lowIsTooBig) = values.lowerBound.multipliedReportingOverflow(by: count)
      let (high, highIsTooBig) = values.upperBound.multipliedReportingOverflow(by: count)
      smallest = lowIsTooBig ? .max : smallest.addingClamped(low)
      greatest = highIsTooBig ? .max : greatest.addingClamped(high)
    }
    return (smallest...greatest).contains(sum)
  }
}
