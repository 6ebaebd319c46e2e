import EventLoop
import Testing

@testable import Server

private let second: UInt64 = 1_000_000_000

@Suite struct AllowanceTests {
  @Test("a second's worth may be used at once, and not one more")
  func burst() {
    let allowance = Allowance(perSecond: 10)
    var spent: UInt64 = 0
    for _ in 0..<10 {
      #expect(allowance.pause(spent, at: 5 * second) == nil)
      allowance.spend(1, from: &spent, at: 5 * second)
    }
    #expect(allowance.pause(spent, at: 5 * second) == 5 * second + second / 10)
    #expect(allowance.pause(spent, at: 5 * second + second / 10) == nil)
  }

  @Test(
    "over a long time no more than the rate gets through, whatever the steps", arguments: [1, 7, 100, 197])
  func rate(_ step: UInt64) {
    let allowance = Allowance(perSecond: 50)
    var spent: UInt64 = 0
    var taken = 0
    var now: UInt64 = second
    while now < 101 * second {
      if allowance.pause(spent, at: now) == nil {
        allowance.spend(1, from: &spent, at: now)
        taken += 1
      }
      now += step * second / 10_000
    }
    #expect((4990...5051).contains(taken))
  }

  @Test("one piece larger than a second's worth is waited for, and a number beyond all reason is no trap")
  func large() {
    let allowance = Allowance(perSecond: 1000)
    var spent: UInt64 = 0
    allowance.spend(5000, from: &spent, at: second)
    #expect(allowance.pause(spent, at: second) == 5 * second + second / 1000)
    allowance.spend(.max, from: &spent, at: second)
    allowance.spend(.max, from: &spent, at: second)
    allowance.spend(.max, from: &spent, at: second)
    #expect(allowance.pause(spent, at: second) != nil)
  }

  @Test("what is not used does not pile up")
  func noSavings() {
    let allowance = Allowance(perSecond: 2)
    var spent: UInt64 = 0
    allowance.spend(1, from: &spent, at: second)
    for _ in 0..<2 { allowance.spend(1, from: &spent, at: 3600 * second) }
    #expect(allowance.pause(spent, at: 3600 * second) != nil)
  }

  @Test("a throttle waits for whichever of its two is spent for longer")
  func throttle() throws {
    var limits = LimitSettings()
    #expect(Throttle(limits) == nil)
    limits.messagesPerSecond = 10
    limits.bytesPerSecond = 1000
    let throttle = try #require(Throttle(limits))
    let now = Moment(nanoseconds: 7 * second)
    var spent = Throttle.Spent()
    throttle.spend(messages: 9, bytes: 100, from: &spent, at: now)
    #expect(throttle.pause(spent, at: now) == nil)
    throttle.spend(messages: 0, bytes: 2900, from: &spent, at: now)
    #expect(throttle.pause(spent, at: now) == Moment(nanoseconds: 9 * second + second / 1000))
  }
}
