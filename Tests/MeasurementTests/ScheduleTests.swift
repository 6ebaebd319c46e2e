import Bytes
import Testing

@testable import Measurement

@Suite struct ScheduleTests {
  @Test("sockets open at the rate, and the last one on time")
  func ramp() {
    let schedule = Schedule(sockets: 5000, rate: 1000, sendRate: 1, seed: 1)
    #expect(schedule.opening(of: 0) == 0)
    #expect(schedule.opening(of: 1000) == 1_000_000_000)
    #expect(schedule.openedBy == 4_999_000_000)
  }

  @Test("messages of all sockets are spread over the whole period, the same way for the same seed")
  func spread() {
    let schedule = Schedule(sockets: 1000, rate: 0, sendRate: 2, seed: 42)
    let phases = (0..<1000).map { schedule.phase(of: $0) }
    #expect(phases == phases.sorted())
    #expect(phases.allSatisfy { $0 < 500_000_000 })
    for tenth in 0..<10 {
      let range = UInt64(tenth) * 50_000_000..<UInt64(tenth + 1) * 50_000_000
      #expect(phases.count { range.contains($0) } == 100)
    }
    #expect(Schedule(sockets: 1000, rate: 0, sendRate: 2, seed: 42) == schedule)
    #expect(Schedule(sockets: 1000, rate: 0, sendRate: 2, seed: 43).phase(of: 5) != phases[5])
  }

  @Test(
    "the plan does not drift, however late somebody asks", arguments: [0, 1, 999, 1_000_000_007] as [UInt64])
  func noDrift(_ time: UInt64) throws {
    let schedule = Schedule(sockets: 10, rate: 0, sendRate: 1000, seed: 3)
    for socket in 0..<10 {
      let first = try #require(schedule.firstSend(of: socket, from: time))
      #expect(first >= time && first < time + 1_100_000)
      #expect((first - schedule.phase(of: socket)) % 1_000_000 == 0)
    }
  }

  @Test("what falls into one tick is meant to leave at its beginning, and nothing changes its turn")
  func ticks() {
    let even = Schedule(sockets: 1000, rate: 0, sendRate: 10, seed: 4)
    let ticked = Schedule(sockets: 1000, rate: 0, sendRate: 10, seed: 4, tick: 1_000_000)
    for socket in 0..<1000 {
      #expect(ticked.phase(of: socket) == even.phase(of: socket) / 1_000_000 * 1_000_000)
    }
    #expect(Set((0..<1000).map { ticked.phase(of: $0) }).count == 100)
  }

  @Test("no rate is no message")
  func silent() {
    #expect(Schedule(sockets: 10, rate: 1, sendRate: 0, seed: 3).firstSend(of: 1, from: 0) == nil)
  }

  @Test("the next send is one of the plan, and none lies before it", arguments: [1, 2, 3, 4] as [UInt64])
  func plan(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let rate = Double(Int.random(in: 1...5000, using: &random)) / 7
    let schedule = Schedule(sockets: 50, rate: 0, sendRate: rate, seed: seed)
    let period = try #require(schedule.period)
    for _ in 0..<200 {
      let socket = Int.random(in: 0..<50, using: &random)
      let number = UInt64.random(in: 1...1_000_000, using: &random)
      let time = try #require(schedule.intended(of: socket, number))
      #expect(time - schedule.phase(of: socket) == number * period, "seed \(seed)")
      #expect(schedule.firstSend(of: socket, from: time) == time, "seed \(seed)")
      let before = try #require(schedule.intended(of: socket, number - 1))
      #expect(schedule.firstSend(of: socket, from: before + 1) == time, "seed \(seed)")
    }
  }

  @Test(
    "no rate is too strange to plan with",
    arguments: [-1, 0, .leastNonzeroMagnitude, 1e-12, 1e12, .greatestFiniteMagnitude, .infinity, .nan])
  func strange(_ rate: Double) {
    let schedule = Schedule(sockets: 20, rate: rate, sendRate: rate, seed: 1)
    #expect(schedule.opening(of: 0) == 0)
    #expect(schedule.openedBy <= 1_000_000_000_000_000_000)
    #expect(schedule.period != 0)
    for socket in 0..<20 {
      #expect(schedule.phase(of: socket) <= schedule.period ?? 0)
      #expect((schedule.firstSend(of: socket, from: 10) ?? 10) >= 10)
      #expect(schedule.intended(of: socket, .max).map { $0 == .max } ?? true)
    }
  }
}
