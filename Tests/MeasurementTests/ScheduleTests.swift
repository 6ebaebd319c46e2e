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

  @Test("no rate is no message")
  func silent() {
    #expect(Schedule(sockets: 10, rate: 1, sendRate: 0, seed: 3).firstSend(of: 1, from: 0) == nil)
  }
}
