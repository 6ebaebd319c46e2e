/// What became of the sockets that were open when a drain began. At its end each is in exactly one bucket.
///
/// start == handed + moved + left + paced + forced + lost + unsettled, and nothing is ever negative.
package struct Ledger: Equatable, Sendable {
  package enum Bucket: String, CaseIterable, Sendable {
    /// Given to another process; the client noticed nothing.
    case handed
    /// The client moved on when it was told its slot.
    case moved
    /// Left by itself.
    case left
    case paced
    case forced
    /// Ended, and nobody can say how. Should be zero.
    case lost
  }

  package private(set) var start: Int
  private var settled = InlineArray<6, Int>(repeating: 0)

  package init(start: Int) { self.start = max(0, start) }

  package subscript(_ bucket: Bucket) -> Int { settled[Self.place(bucket)] }

  package var unsettled: Int { start - Bucket.allCases.reduce(0) { $0 + self[$1] } }

  /// Puts sockets into a bucket, as far as there are any unsettled; returns how many that were.
  /// Sockets that came after the start belong to no bucket, hence the bound.
  @discardableResult
  package mutating func settle(_ bucket: Bucket, _ count: Int = 1) -> Int {
    let taken = min(max(0, count), unsettled)
    settled[Self.place(bucket)] += taken
    return taken
  }

  /// The end: whoever is in no bucket is lost.
  package mutating func close() { settle(.lost, unsettled) }

  /// The ledgers of two workers as one.
  package mutating func merge(_ other: Ledger) {
    // Both sides may be close to Int.max only if someone made them up.
    let (sum, overflow) = start.addingReportingOverflow(other.start)
    if overflow { return }
    start = sum
    for bucket in Bucket.allCases { settled[Self.place(bucket)] += other[bucket] }
  }

  /// `start=9 handed=0 moved=1 left=2 paced=6 forced=0 lost=0`
  package var text: String {
    Bucket.allCases.reduce("start=\(start)") { "\($0) \($1.rawValue)=\(self[$1])" }
  }

  /// `nil` for anything that does not add up.
  package init?(_ text: some StringProtocol) {
    var counts: [String: Int] = [:]
    for word in text.split(separator: " ", maxSplits: 15) {
      let parts = word.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let count = Int(parts[1]), count >= 0 else { return nil }
      counts[String(parts[0])] = count
    }
    guard let start = counts["start"] else { return nil }
    self.init(start: start)
    for bucket in Bucket.allCases {
      let count = counts[bucket.rawValue] ?? 0
      if settle(bucket, count) != count { return nil }
    }
  }

  package static func == (a: Ledger, b: Ledger) -> Bool {
    a.start == b.start && Bucket.allCases.allSatisfy { a[$0] == b[$0] }
  }

  private static func place(_ bucket: Bucket) -> Int {
    switch bucket {
    case .handed: 0
    case .moved: 1
    case .left: 2
    case .paced: 3
    case .forced: 4
    case .lost: 5
    }
  }
}
