import Bytes
import FleetState
import Testing

@testable import Server

@Suite struct EndsTests {
  private static func at(_ milliseconds: UInt64) -> EntryID {
    EntryID(milliseconds: milliseconds, sequence: 0)
  }

  @Test("nothing is lost to whoever stands inside of what there is")
  func inside() {
    let ends = Ends(first: Self.at(10), last: Self.at(20), isWhole: false)
    #expect(ends.lost(behind: Self.at(10)) == nil && ends.lost(behind: Self.at(20)) == nil)
  }

  @Test("nor before the first, while nothing was ever taken out")
  func whole() {
    let ends = Ends(first: Self.at(10), last: Self.at(20), isWhole: true)
    #expect(ends.lost(behind: .zero) == nil)
  }

  @Test("what was taken out is lost up to what is left")
  func trimmed() {
    let ends = Ends(first: Self.at(10), last: Self.at(20), isWhole: false)
    #expect(ends.lost(behind: Self.at(5)) == Self.at(10).previous)
    #expect(ends.lost(behind: Self.at(10).previous) == nil, "told once, it is not told again")
    let empty = Ends(first: nil, last: Self.at(20), isWhole: false)
    #expect(empty.lost(behind: Self.at(5)) == Self.at(20))
  }

  @Test("a place behind the end tells that Redis has lost its newest entries")
  func rewound() {
    let ends = Ends(first: Self.at(10), last: Self.at(20), isWhole: false)
    #expect(ends.lost(behind: Self.at(25)) == Self.at(20))
  }

  @Test(
    "whatever was added, taken out or forgotten: what is behind the place is all there, or said to be lost")
  func anything() {
    for seed in UInt64(0)..<3000 {
      var random = SplitMix64(seed: seed)
      var all: [EntryID] = []
      var left: [EntryID] = []
      var last = EntryID.zero
      var added = 0
      for _ in 0..<Int.random(in: 0...30, using: &random) {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: left.removeFirst(Int.random(in: 0...left.count, using: &random))
        case 1 where !left.isEmpty: left.remove(at: Int.random(in: left.indices, using: &random))
        case _:
          last = Self.at(last.milliseconds + UInt64.random(in: 1...3, using: &random))
          all.append(last)
          left.append(last)
          added += 1
        }
      }
      let ends = Ends(first: left.first, last: last, isWhole: added == left.count)
      let place = Self.at(UInt64.random(in: 0...last.milliseconds, using: &random))
      // Only what goes from the front is looked for: nobody takes entries out of the middle but by hand.
      let missing = all.filter { $0 > place && !left.contains($0) && $0 < left.first ?? .last }
      let lost = ends.lost(behind: place)
      #expect(missing.allSatisfy { $0 <= lost ?? .zero }, "seed \(seed)")
      if let lost { #expect(left.allSatisfy { $0 > lost } && lost > place, "seed \(seed)") }
      if added == left.count { #expect(lost == nil, "seed \(seed)") }
    }
  }
}
