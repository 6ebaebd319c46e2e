import Bytes
import Testing

@testable import Measurement

@Suite struct SamplerTests {
  @Test("each look has what came since the one before, and all looks have everything", arguments: [1, 2, 3])
  func looks(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var figures = RunFigures()
    var sampler = Sampler(busy: 1000)
    var series = RunSeries()
    for place in 0..<UInt64(20) {
      for _ in 0..<(random.next() % 10) { figures.intended.record(random.next() % 1_000_000_000) }
      figures.sent += Int(random.next() % 9)
      figures.received = Int(figures.intended.count)
      figures.joined += 1 + Int(random.next() % 2)
      if random.next() % 2 == 0 { figures.left += 1 }
      if random.next() % 2 == 0 { figures.drops.add(.close(1012)) }
      if random.next() % 3 == 0 { figures.reconnect.record(5) }
      if random.next() % 4 == 0 { figures.failed.add(.refused) }
      series.add(sampler.look(at: figures, busy: 1000 + place * 7), at: place * RunSeries.finest)
    }
    #expect(series.total.sent == figures.sent && series.total.received == figures.received, "seed \(seed)")
    #expect(series.total.drops == figures.drops && series.total.failed == figures.failed.total)
    #expect(
      series.total.joined == figures.joined && series.total.left == figures.left && figures.joined >= 20)
    #expect(series.total.busyNanoseconds == 19 * 7)
    #expect(series.total.latency.histogram.count == figures.intended.count)
    #expect(
      series.total.latency.histogram.percentile(99) / 1_000_000 == figures.intended.percentile(99) / 1_000_000
    )
  }

  @Test("nothing new is an empty step")
  func idle() {
    var sampler = Sampler(busy: 0)
    var figures = RunFigures()
    figures.sent = 3
    figures.intended.record(77)
    #expect(sampler.look(at: figures, busy: 0).latency.histogram.max == 77)
    #expect(sampler.look(at: figures, busy: 0) == SeriesStep())
  }
}
