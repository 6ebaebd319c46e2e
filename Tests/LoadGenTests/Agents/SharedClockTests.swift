import Bytes
import EventLoop
import Measurement
import Testing

@testable import LoadGen

@Suite struct SharedClockTests {
  @Test(
    "two machines whose answers took their time agree on a moment as well as their fastest answers did",
    arguments: 0..<50 as Range<UInt64>)
  func agreement(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    // What Redis' clock says when a machine's own says 0.
    let offsets = (0..<2).map { _ in 1_795_000_000_000_000 + random.next() % 1_000_000_000_000 }
    var clocks = [SharedClock(), SharedClock()]
    for place in clocks.indices {
      for _ in 0..<SharedClock.questions {
        let asked = random.next() % 10_000_000_000
        let there = 1000 + random.next() % 400_000
        let back = 1000 + random.next() % 400_000
        clocks[place].hear(
          offsets[place] + (asked + there) / 1000, asked: Moment(nanoseconds: asked),
          heard: Moment(nanoseconds: asked + there + back))
      }
    }
    let start = Moment(nanoseconds: 20_000_000_000)
    let told = clocks[0].microseconds(at: start)
    let other = clocks[1].moment(atMicroseconds: told)
    let truth = 20_000_000_000 + Int64(offsets[0]) * 1000 - Int64(offsets[1]) * 1000
    let doubt = Int64((clocks[0].uncertainty ?? 0) + (clocks[1].uncertainty ?? 0)) / 2 + 2000
    let error = Int64(bitPattern: other.nanoseconds) - truth
    #expect(abs(error) <= doubt, "seed \(seed)")
  }

  @Test("no time Redis could tell, however wrong, stops an agent", arguments: [0, 1, UInt64.max])
  func nonsense(_ time: UInt64) {
    var clock = SharedClock()
    clock.hear(time, asked: Moment(nanoseconds: 5), heard: Moment(nanoseconds: .max))
    _ = clock.moment(atMicroseconds: .max)
    _ = clock.microseconds(at: Moment(nanoseconds: 0))
    let way: UInt64 = .max - 5
    #expect(clock.uncertainty == way)
  }
}
