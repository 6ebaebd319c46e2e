import EventLoop
import Testing

@testable import Server

@Suite struct PulseTests {
  private func moment(_ milliseconds: UInt64) -> Moment { Moment(nanoseconds: milliseconds * 1_000_000) }

  @Test("one that goes on is never still, however seldom one looks")
  func alive() {
    var pulse = Pulse()
    for turn in 0..<10 { #expect(pulse.look(UInt64(turn), at: moment(UInt64(turn) * 5000)) == nil) }
  }

  @Test("one that stands still is told after its patience, with how long it was, and again until it goes on")
  func still() {
    var pulse = Pulse()
    for time: UInt64 in [1000, 1500, 2000, 2500, 3000, 3200] {
      #expect(pulse.look(7, at: moment(time)) == nil)
    }
    #expect(pulse.look(7, at: moment(3201)) == .milliseconds(2201))
    #expect(pulse.look(7, at: moment(3700)) == .milliseconds(2700))
    #expect(pulse.look(8, at: moment(3701)) == nil)
  }

  @Test("who could not look for a while, as the whole machine stood still, has seen nobody stand still")
  func paused() {
    var pulse = Pulse()
    for time: UInt64 in [1000, 1250, 9000, 9250, 9500, 9750, 10_000, 10_250] {
      #expect(pulse.look(7, at: moment(time)) == nil)
    }
    #expect(pulse.look(7, at: moment(10_950)) == .milliseconds(2500))
  }
}
