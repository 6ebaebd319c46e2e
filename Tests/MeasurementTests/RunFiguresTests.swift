import Bytes
import JSONText
import Testing

@testable import Measurement

@Suite struct RunFiguresTests {
  private func sample(_ seed: UInt64) -> RunFigures {
    var random = SplitMix64(seed: seed)
    var figures = RunFigures()
    for field in RunFigures.counts { figures[keyPath: field] = Int(random.next() % 1000) }
    for field in RunFigures.histograms { figures[keyPath: field].record(random.next() >> 30) }
    figures.drops.add(.close(1012), 2)
    figures.drops.add(.reset)
    figures.failed.add(.http(503), 7)
    figures.herd.add(at: 1_250_000_000, 3)
    figures.herd.add(at: .max, 4)
    for field in RunFigures.timelines { figures[keyPath: field].add(at: random.next() >> 32, 3) }
    figures.outage.expect(at: seed)
    figures.outage.rest(at: seed * 1000)
    figures.outage = Outage(
      longestNanoseconds: figures.outage.longestNanoseconds, beganAt: figures.outage.beganAt)
    figures.recovery = Recovery(begins: [1_000_000_000, 3_000_000_000])
    figures.recovery.end(0, at: 2_000_000_000)
    figures.recovery.add(intended: 1_250_000_000, latency: random.next() >> 30)
    figures.recovery.addUnsent(intended: 1_350_000_000)
    figures.faults.add(.duplicated, socket: 7, sequence: UInt32(random.next() % 1000))
    figures.cpuNanoseconds = 12345
    figures.longestTurnNanoseconds = 678
    return figures
  }

  private func written(_ figures: RunFigures) -> [UInt8] {
    var json = JSONWriter()
    figures.write(to: &json)
    return Array(json.text.utf8)
  }

  private func read(_ bytes: [UInt8]) -> RunFigures? { RunFigures(bytes.span) }

  @Test("figures travel whole, and cut ones do not arrive")
  func travelling() {
    let figures = sample(1)
    let bytes = written(figures)
    #expect(read(bytes) == figures)
    for count in 0..<bytes.count { #expect(read(Array(bytes[..<count])) == nil) }
  }

  @Test("two generators' figures are one run's")
  func merge() {
    var sum = sample(1)
    sum.merge(sample(2))
    #expect(sum.sent == sample(1).sent + sample(2).sent)
    #expect(sum.drops.counts == [.close(1012): 4, .reset: 2])
    #expect(sum.intended.count == 2)
    #expect(sum.herd.bins[12] == 6)
    #expect(sum.answers.total == 6 && sum.slowAnswers.total == 6 && sum.dropTimes.total == 6)
    #expect(sum.outage.longestNanoseconds == 1998)
  }

  @Test("each socket's longest silence is one value; who was never asked has none")
  func freeze() {
    var figures = RunFigures()
    for milliseconds: UInt64 in [3, 10, 11, 40] {
      var silence = Outage()
      silence.expect(at: 1_000_000)
      silence.rest(at: 1_000_000 + milliseconds * 1_000_000)
      figures.add(silence)
    }
    figures.add(Outage())
    #expect(figures.freeze.count == 4 && figures.freeze.max == 40_000_000)
    #expect(figures.frozen == 2)
    #expect(figures.outage.longestNanoseconds == 40_000_000 && figures.outage.beganAt == 1_000_000)
  }

  @Test("a changed byte is refused, or read as what it says", arguments: [1, 2, 3] as [UInt64])
  func hostile(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let good = written(sample(seed))
    for place in good.indices {
      var bytes = good
      bytes[place] = UInt8.random(in: 0x20..<0x7F, using: &random)
      guard var figures = read(bytes) else { continue }
      #expect(read(written(figures)) == figures, "seed \(seed), byte \(place)")
      figures.merge(sample(seed))
    }
  }

  @Test("figures beyond all measure stay at the edge when summed")
  func enormous() throws {
    var figures = RunFigures()
    for field in RunFigures.counts { figures[keyPath: field] = .max }
    figures.drops.add(.reset, .max)
    figures.drops.add(.eof, .max)
    figures.herd.add(at: 0, .max)
    figures.herd.add(at: .max, .max)
    figures.cpuNanoseconds = .max
    let other = figures
    figures.merge(other)
    #expect(figures.sent == .max && figures.drops.total == .max)
    #expect(figures.herd.bins == [.max] && figures.herd.beyond == .max)
    #expect(figures.cpuNanoseconds == .max)
  }

  @Test("a herd of more steps than an hour has is refused")
  func herd() {
    #expect(Herd(bins: [Int](repeating: 1, count: Herd.mostBins), beyond: 0) != nil)
    #expect(Herd(bins: [Int](repeating: 1, count: Herd.mostBins + 1), beyond: 0) == nil)
  }
}
