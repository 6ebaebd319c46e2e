import Bytes
import Testing

@testable import Measurement

@Suite struct AgendaTests {
  @Test(
    "whatever is planned while it is read comes in order, each once, and of two at one time the first first",
    arguments: 0..<20 as Range<UInt64>)
  func order(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var agenda = Agenda<Int>()
    var now: UInt64 = 0
    var planned: [(time: UInt64, number: Int)] = []
    var heard: [Int] = []
    func plan() {
      // From at once over the same millisecond to hours away; often at the very same time.
      let after = [0, 0, 1, 1000, 1 << 20, 1 << 30, 1 << 36, 1 << 43][Int(random.next() % 8)] as UInt64
      let time = now + after + (random.next() % 3 == 0 ? random.next() % max(1, after) : 0)
      agenda.add(planned.count, at: time)
      planned.append((time, planned.count))
    }
    for _ in 0..<50 { plan() }
    while let (time, number) = agenda.next() {
      #expect(time == planned[number].time && time >= now, "seed \(seed)")
      now = time
      heard.append(number)
      if planned.count < 2000 { for _ in 0..<Int(random.next() % 3) { plan() } }
    }
    let right = planned.sorted { ($0.time, $0.number) < ($1.time, $1.number) }.map(\.number)
    #expect(heard == right, "seed \(seed)")
    #expect(agenda.next() == nil)
    agenda.add(7, at: now)
    #expect(agenda.next()?.element == 7, "an agenda that was read to its end goes on")
  }
}
