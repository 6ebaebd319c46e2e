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
    #expect(pulse.look(7, at: moment(1000)) == nil)
    #expect(pulse.look(7, at: moment(3200)) == nil)
    #expect(pulse.look(7, at: moment(3201)) == .milliseconds(2201))
    #expect(pulse.look(7, at: moment(4000)) == .milliseconds(3000))
    #expect(pulse.look(8, at: moment(4001)) == nil)
  }
}
