import Testing

@testable import Measurement

@Suite struct CourseTests {
  private let second: UInt64 = 1_000_000_000

  private func parts(_ text: String) throws -> [Course.Part] {
    try Course.parts(
      text, duration: { text in UInt64(text.dropLast()).map { $0 * 1_000_000_000 } }, mostSockets: 1000,
      mostRate: 100)
  }

  private func course(_ text: String) throws -> Course { Course(try parts(text), rate: 100, seed: 5) }

  @Test("phases follow one another, whatever stands between the lines")
  func phases() throws {
    let course = try course("# warm\n2s 10 1\n\n3s 30 2 # up; not a line\n1s 5 0; 4s 20 1")
    #expect(course.phases.map(\.begins) == [0, 2 * second, 5 * second, 6 * second])
    #expect(course.phases.map(\.sockets) == [10, 30, 5, 20])
    #expect(course.sockets == 30)
    #expect(course.shortestPeriod == second / 2 && course.longestPeriod == second)
    #expect(course.messages(until: 10 * second) == 20 + 180 + 0 + 80)
  }

  @Test("a phase opens what the one before did not hold, at the rate")
  func openings() throws {
    let course = try course("2s 10 1\n3s 30 2")
    #expect(course.opening(of: 9, in: 0) == 90_000_000)
    #expect(course.opening(of: 10, in: 1) == 2 * second)
    #expect(course.opening(of: 29, in: 1) == 2 * second + 190_000_000)
    // It was to be open before.
    #expect(course.opening(of: 9, in: 1) == 2 * second)
  }

  @Test("a socket sends in each phase that holds it, at that phase's pace, and never twice")
  func sends() throws {
    let course = try course("2s 10 1\n3s 30 2\n1s 5 0\n4s 20 1")
    func times(_ socket: Int, from: UInt64 = 0, through: UInt64 = 10_000_000_000) -> [UInt64] {
      var times: [UInt64] = []
      course.sends(of: socket, from: from, through: through) { times.append($0) }
      return times
    }
    #expect(times(3).count == 2 + 6 + 4)
    #expect(times(15).count == 6 + 4)
    #expect(times(25).count == 6)
    for socket in [3, 15, 25] {
      let all = times(socket)
      #expect(all == all.sorted() && Set(all).count == all.count)
      // Asked for in two pieces, at each of its own moments, they are the same.
      for cut in all { #expect(times(socket, through: cut) + times(socket, from: cut + 1) == all) }
    }
  }

  @Test(
    "a slip in a file of phases names its line",
    arguments: [
      ("", "there is no phase in it"), ("# only words", "there is no phase in it"),
      ("2s 10 1\n3s", "line 2: write DURATION SOCKETS SEND-RATE"), ("x 1 1", "line 1: 'x' is no duration"),
      ("1s 0 1", "line 1: '0' is no number of sockets from 1 to 1000"),
      ("1s 1001 1", "line 1: '1001' is no number of sockets"),
      ("1s 1 -1", "line 1: '-1' is no number of messages a second from 0 to 100"),
      ("1s 1 nan", "line 1: 'nan' is no number of messages"),
      (String(repeating: "1s 1 1\n", count: 1001), "more than 1000 phases"),
    ])
  func slips(_ text: String, _ words: String) throws {
    let error = #expect(throws: Course.Malformed.self) { try parts(text) }
    #expect(error?.description.contains(words) == true)
  }
}
