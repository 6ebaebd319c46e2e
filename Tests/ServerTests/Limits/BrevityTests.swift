import EventLoop
import Testing

@testable import Server

@Suite struct BrevityTests {
  @Test("so many a second, and the next second says how many were left out")
  func bounded() {
    var brevity = Brevity(perSecond: 2)
    let second: UInt64 = 1_000_000_000
    let first = (0..<5).map { brevity.remark(at: Moment(nanoseconds: 7 * second + $0)) }
    #expect(first == ["", "", nil, nil, nil])
    #expect(brevity.remark(at: Moment(nanoseconds: 8 * second)) == " (3 lines like it were left out)")
    #expect(brevity.remark(at: Moment(nanoseconds: 8 * second)) == "")
  }
}
