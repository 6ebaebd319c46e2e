import Testing

@testable import Measurement

@Suite struct RestartWindowsTests {
  private let second: UInt64 = 1_000_000_000

  private func windows(_ begins: [UInt64]) throws -> RestartWindows {
    try #require(
      RestartWindows(begins: begins.map { $0 * second }, steadyFrom: 2 * second, tail: 3 * second))
  }

  @Test("steady is what was asked after the opening and answered before the first restart")
  func steady() throws {
    let windows = try windows([10, 7])
    #expect(windows.part(intended: second, heard: 3 * second) == nil)
    #expect(windows.part(intended: 2 * second, heard: 3 * second) == .steady)
    #expect(windows.part(intended: 6 * second, heard: 7 * second - 1) == .steady)
    // It was under way when the restart began.
    #expect(windows.part(intended: 6 * second, heard: 7 * second) == .during)
    #expect(RestartWindows(begins: [], steadyFrom: 0, tail: 0) == nil)
  }

  @Test("a restart that has not ended has no end; one that has goes on for its tail")
  func tail() throws {
    var windows = try windows([7])
    #expect(windows.part(intended: 1000 * second, heard: 1001 * second) == .during)
    windows.end(0, at: 8 * second)
    #expect(windows.part(intended: 11 * second, heard: 12 * second) == .during)
    #expect(windows.part(intended: 11 * second + 1, heard: 12 * second) == nil)
    #expect(windows.part(intended: 10 * second, heard: 900 * second) == .during)
  }

  @Test("several restarts, in any order, overlapping or not; between them is neither part")
  func several() throws {
    var windows = try windows([20, 7, 8])
    for (number, end): (Int, UInt64) in [(0, 21), (1, 9), (2, 8)] { windows.end(number, at: end * second) }
    let parts = [7, 10, 12, 13, 19, 20, 24, 25].map {
      windows.part(intended: $0 * second, heard: $0 * second)
    }
    #expect(parts == [.during, .during, .during, nil, nil, .during, .during, nil])
  }

  @Test("an end nobody announced, before its begin or at the end of time does no harm")
  func odd() throws {
    var windows = try windows([7])
    windows.end(5, at: 0)
    windows.end(-1, at: 0)
    windows.end(0, at: 0)
    #expect(windows.part(intended: 10 * second, heard: 11 * second) == .during)
    windows.end(0, at: .max)
    #expect(windows.part(intended: .max, heard: .max) == .during)
  }
}
