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

  @Test(
    "a timer beyond the wheel's reach waits for its time, however far the clock jumps",
    arguments: 1...20 as ClosedRange<UInt64>)
  func farAway(_ seed: UInt64) {
    var random = Random(state: seed)
    var now = UInt64.random(in: 1...(1 << 34), using: &random)
    var wheel = TimerWheel<UInt64>(start: now)
    var waiting: Set<UInt64> = []
    for _ in 0..<20 {
      // Two years and forty.
      let due = now + (1 << 36) - 10 + UInt64.random(in: 0...(1 << 40), using: &random)
      _ = wheel.insert(due, due: due)
      waiting.insert(due)
    }
    _ = wheel.insert(.max, due: .max)
    while !waiting.isEmpty {
      now += UInt64.random(in: 1...(1 << 35), using: &random)
      while let due = wheel.popDue(at: now) {
        #expect(due <= now, "seed \(seed): \(due) came at \(now)")
        waiting.remove(due)
      }
      let late = waiting.filter { $0 <= now }
      #expect(late.isEmpty, "seed \(seed) at \(now): \(late) are late")
      if !late.isEmpty { return }
    }
    #expect(wheel.count == 1)
  }

  @Test("a name outlives its timer without harm to the one in its place")
  func staleName() {
    var wheel = TimerWheel<Int>(start: 0)
    let first = wheel.insert(1, due: 5)
    #expect(wheel.popDue(at: 5) == 1)
    _ = wheel.insert(2, due: 6)
    wheel.cancel(first)
    #expect(wheel.popDue(at: 6) == 2)
  }

  @Test("timers of one jump come in the order of their milliseconds")
  func order() {
    var random = Random(state: 5)
    var wheel = TimerWheel<UInt64>(start: 1000)
    for _ in 0..<300 {
      let due = UInt64.random(in: 1001...2_000_000, using: &random)
      _ = wheel.insert(due, due: due)
    }
    var came: [UInt64] = []
    while let due = wheel.popDue(at: 3_000_000) { came.append(due) }
    #expect(came == came.sorted() && came.count == 300)
  }
}
