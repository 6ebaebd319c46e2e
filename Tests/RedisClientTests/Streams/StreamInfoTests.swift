import FleetState
import Testing

@testable import RedisClient

@Suite struct StreamInfoTests {
  private func id(_ number: UInt64) -> EntryID { EntryID(milliseconds: number, sequence: 0) }

  private func info(first: UInt64?, last: UInt64, isWhole: Bool) -> StreamInfo {
    StreamInfo(first: first.map(id), last: id(last), isWhole: isWhole)
  }

  @Test("a reader within the stream or at its end misses nothing", arguments: [10, 15, 20])
  func complete(cursor: UInt64) {
    #expect(info(first: 10, last: 20, isWhole: false).finding(for: id(cursor)) == .complete)
  }

  @Test("a reader before the first entry is told, unless nothing was ever taken out")
  func trimmed() {
    #expect(info(first: 10, last: 20, isWhole: false).finding(for: id(9)) == .trimmed(before: id(10)))
    #expect(info(first: 10, last: 20, isWhole: true).finding(for: id(9)) == .complete)
    #expect(info(first: 10, last: 20, isWhole: true).finding(for: .zero) == .complete)
    let emptied = info(first: nil, last: 20, isWhole: false).finding(for: id(9))
    #expect(emptied == .trimmed(before: id(20).next))
    #expect(info(first: nil, last: 20, isWhole: false).finding(for: id(20)) == .complete)
  }

  @Test("a reader behind the end has outlived the stream")
  func rewound() {
    #expect(info(first: 10, last: 20, isWhole: true).finding(for: id(21)) == .rewound(to: id(20)))
    #expect(info(first: nil, last: 0, isWhole: true).finding(for: id(1)) == .rewound(to: .zero))
  }
}
