import Testing

@testable import EventLoop

@Suite struct TimerWheelTests {

  @Test("what is due comes when it is due, against a sorted list", arguments: 1...60 as ClosedRange<UInt64>)
  func oracle(_ seed: UInt64) {
    var random = Random(state: seed)
    var now = UInt64.random(in: 0...10_000_000, using: &random)
    var wheel = TimerWheel<Int>(start: now)
    var waiting: [Int: (due: UInt64, id: TimerID)] = [:]
    var number = 0
    for _ in 0..<400 {
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<5:
        let reach = UInt64(1) << UInt64.random(in: 0...32, using: &random)
        let due = now + UInt64.random(in: 0...reach, using: &random)
        waiting[number] = (due, wheel.insert(number, due: due))
        number += 1
      case 5:
        if let victim = waiting.keys.sorted().randomElement(using: &random), let entry = waiting[victim] {
          wheel.cancel(entry.id)
          wheel.cancel(entry.id)
          waiting[victim] = nil
        }
      default:
        let next = waiting.values.map(\.due).min()
        if let next {
          let told = wheel.nextDue
          #expect(told != nil && (told ?? 0) <= max(next, now), "seed \(seed)")
        } else {
          #expect(wheel.nextDue == nil)
        }
        let jump = UInt64(1) << UInt64.random(in: 0...30, using: &random)
        now += UInt64.random(in: 0...jump, using: &random)
        while let fired = wheel.popDue(at: now) {
          #expect(waiting[fired] != nil, "seed \(seed): \(fired) was not waiting")
          #expect((waiting[fired]?.due ?? 0) <= now, "seed \(seed): \(fired) came early")
          waiting[fired] = nil
        }
        let late = waiting.filter { $0.value.due <= now }
        #expect(late.isEmpty, "seed \(seed) at \(now): \(late.mapValues(\.due)) are late")
      }
      #expect(wheel.count == waiting.count)
    }
  }

  @Test("the next wake-up is never later than the next timer, and sleeping by it reaches every timer on time")
  func sleeping() {
    var random = Random(state: 99)
    var now: UInt64 = 123_456
    var wheel = TimerWheel<UInt64>(start: now)
    for _ in 0..<500 {
      let due = now + UInt64.random(in: 1...200_000, using: &random)
      _ = wheel.insert(due, due: due)
    }
    var wakes = 0
    while let next = wheel.nextDue {
      #expect(next >= now)
      now = max(now, next)
      wakes += 1
      while let due = wheel.popDue(at: now) { #expect(due == now, "\(due) came at \(now)") }
    }
    #expect(wheel.count == 0)
    #expect(wakes < 2000)
  }
}
