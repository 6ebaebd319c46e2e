import Testing

@testable import Measurement

@Suite struct RecoveryTests {
  private let step = Recovery.stepNanoseconds

  /// A hundred messages a step from the 10th step on; `slow` of them in the steps named.
  private func recovery(begins: [UInt64] = [10], ends: [UInt64?], steps: Int = 60, slow: [Int: Int])
    -> Recovery
  {
    var recovery = Recovery(begins: begins.map { $0 * step })
    recovery.settle(base: Histogram())
    for (number, end) in ends.enumerated() { if let end { recovery.end(number, at: end * step) } }
    for place in 10..<10 + steps {
      for message in 0..<100 {
        let isSlow = message < slow[place, default: 0]
        recovery.add(
          intended: UInt64(place) * step + UInt64(message), latency: isSlow ? 11_000_000 : 9_000_000)
      }
    }
    return recovery
  }

  @Test("back is the end of the last disturbed step; one in fifty is no disturbance")
  func back() {
    #expect(recovery(ends: [12], slow: [:]).time(after: 0) == 0)
    #expect(recovery(ends: [12], slow: [10: 100, 11: 50, 14: 3, 15: 2]).time(after: 0) == 5 * step)
  }

  @Test("ten calm steps after its end are enough: what comes then is another matter")
  func calm() {
    #expect(recovery(ends: [12], slow: [11: 50, 30: 50]).time(after: 0) == 2 * step)
    // It had not ended then.
    #expect(recovery(ends: [28], slow: [11: 50, 30: 50]).time(after: 0) == 21 * step)
    #expect(recovery(ends: [nil], slow: [11: 50]).time(after: 0) == nil)
  }

  @Test("each of several restarts has its own time")
  func several() {
    let recovery = recovery(begins: [10, 30], ends: [11, 31], slow: [12: 9, 33: 9])
    #expect(recovery.time(after: 0) == 3 * step && recovery.time(after: 1) == 4 * step)
    #expect(recovery.times.count == 2 && recovery.times.max == 4 * step)
    #expect(recovery.time(after: 2) == nil)
  }

  @Test("what could not be sent was slow, and nothing before the restart counts")
  func unsent() {
    var recovery = Recovery(begins: [10 * step])
    recovery.end(0, at: 10 * step)
    recovery.addUnsent(intended: 9 * step)
    #expect(recovery.time(after: 0) == 0)
    recovery.addUnsent(intended: 17 * step)
    #expect(recovery.time(after: 0) == 8 * step)
    #expect(!recovery.concerns(10 * step - 1) && recovery.concerns(10 * step))
    #expect(!Recovery().concerns(.max))
  }

  @Test("slow is twice the base's 99th percentile, two milliseconds more at least")
  func base() {
    var recovery = Recovery(begins: [0])
    var base = Histogram()
    base.record(4_000_000)
    recovery.settle(base: base)
    #expect(recovery.limit == 8_000_000)
    base.clear()
    base.record(100_000)
    recovery.settle(base: base)
    #expect(recovery.limit == 2_100_000)
  }

  @Test("two generators' steps are one run's")
  func merge() {
    var sum = Recovery()
    sum.merge(recovery(ends: [12], slow: [11: 2]))
    sum.merge(recovery(ends: [13], slow: [11: 3, 12: 1]))
    // 5 of 200 in one step, 1 of 200 in the other.
    #expect(sum.time(after: 0) == 2 * step)
  }
}
