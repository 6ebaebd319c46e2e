import Testing

@testable import Measurement

@Suite struct RateTests {
  @Test("two looks make a rate, one does not")
  func rate() {
    var rate = Rate()
    rate.update(1000, at: 0)
    #expect(rate.perSecond == 0)
    rate.update(1500, at: 500_000_000)
    #expect(rate.perSecond == 1000)
    rate.update(1500, at: 1_500_000_000)
    #expect(rate.perSecond == 0)
  }

  @Test("a count that begins anew is not a negative rate")
  func restarted() {
    var rate = Rate()
    rate.update(.max, at: 0)
    rate.update(30, at: 1_000_000_000)
    #expect(rate.perSecond == 30)
  }

  @Test("two looks at one moment, or back in time, change nothing", arguments: [0, 999, 1000] as [UInt64])
  func sameMoment(_ now: UInt64) {
    var rate = Rate()
    rate.update(5, at: 0)
    rate.update(10, at: 1000)
    let before = rate
    rate.update(99, at: now)
    #expect(rate == before)
  }
}
