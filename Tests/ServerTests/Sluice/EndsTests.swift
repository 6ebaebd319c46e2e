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
    let empty = Ends(first: nil, last: Self.at(20), isWhole: false)
    #expect(empty.lost(behind: Self.at(5)) == Self.at(20))
  }

  @Test("a place behind the end tells that Redis has lost its newest entries")
  func rewound() {
    let ends = Ends(first: Self.at(10), last: Self.at(20), isWhole: false)
    #expect(ends.lost(behind: Self.at(25)) == Self.at(20))
  }
}
