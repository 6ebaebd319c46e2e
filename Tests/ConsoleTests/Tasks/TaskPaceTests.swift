import FleetState
import Testing

@testable import Console

@Suite struct TaskPaceTests {
  private func tally(_ done: Int, failed: Int = 0) -> TaskTally {
    var tally = TaskTally()
    tally.done = done
    tally.failed = failed
    return tally
  }

  @Test("what was done between two moments, per second")
  func rates() {
    var pace = TaskPace()
    #expect(pace.rate(\.done) == 0)
    for second: Int64 in 0..<10 {
      pace.add(tally(Int(second) * 30, failed: 7), at: second * 1000)
      // Looked at twice a second, as the console does.
      pace.add(tally(Int(second) * 30, failed: 7), at: second * 1000 + 500)
    }
    #expect(pace.rate(\.done) == 30 && pace.rate(\.failed) == 0)
    #expect(pace.done == [Double](repeating: 30, count: 9))
  }

  @Test("counts that begin anew, and a clock that goes back, are no trap and no negative rate")
  func restarts() {
    var pace = TaskPace()
    pace.add(tally(.max), at: 1000)
    pace.add(tally(0), at: 2000)
    pace.add(tally(.max, failed: .max), at: 500)
    pace.add(tally(10), at: 3000)
    #expect(pace.rate(\.done) == 10 && pace.done.allSatisfy { $0 >= 0 })
  }
}
