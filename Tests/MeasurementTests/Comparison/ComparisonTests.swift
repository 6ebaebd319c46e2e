import Bytes
import Testing

@testable import Measurement

/// A run as a server might give it: latencies with a long tail, seconds that resemble their neighbours, now and then a
/// stall of the machine, and sockets that open at the start.
private func evidence(_ seed: UInt64, slower: Double = 1, steps: Int = 80, messages: Int = 300) -> Evidence {
  var random = SplitMix64(seed: seed)
  func uniform() -> Double { Double(random.next() >> 11) / Double(1 << 53) }
  var series = RunSeries()
  var drift = 0.0
  for place in 0..<steps {
    drift = 0.6 * drift + 0.04 * (uniform() - 0.5)
    var histogram = Histogram()
    let stall = uniform() < 0.03 ? 8.0 : 1
    for _ in 0..<messages {
      // The sum of squares and one over uniform: a bell with a tail.
      let bell = 1 + uniform() * uniform() + uniform()
      let tail = uniform() < 0.02 ? 1 + 4 * uniform() : 1
      histogram.record(UInt64(100_000 * bell * tail * (1 + drift) * slower * stall))
    }
    var step = SeriesStep()
    if place == 0 { step.joined = 100 }
    step.sent = messages
    step.received = messages
    step.latency = PackedHistogram(histogram)
    series.add(step, at: UInt64(place) * RunSeries.finest)
  }
  var evidence = Evidence(series)
  evidence.sent = messages * steps
  evidence.wanted = 100
  return evidence
}

@Suite struct ComparisonTests {
  @Test("a run and another of the same server are the same in 95 of 100")
  func same() {
    let wrong = (0..<20 as Range<UInt64>).filter { seed in
      Comparison([evidence(2 * seed + 1)], [evidence(2 * seed + 2)]).judgement != .same
    }
    #expect(wrong.count <= 1, "seeds \(wrong)")
  }

  @Test("a server that is a tenth slower is found, and one that is a tenth faster too")
  func slower() {
    let missed = (0..<10 as Range<UInt64>).filter { seed in
      let (before, now) = (evidence(2 * seed + 1), evidence(2 * seed + 2, slower: 1.1))
      return Comparison([before], [now]).judgement != .worse
        || Comparison([now], [before]).judgement != .better
    }
    #expect(missed.isEmpty, "seeds \(missed)")
  }

  @Test("with several runs a side, what runs differ by of themselves is no finding")
  func severalRuns() throws {
    // Each run has its own speed, as on a machine that does other things: 0.9, 1 or 1.1.
    func side(_ seed: UInt64, _ slower: Double = 1) -> [Evidence] {
      (0..<6).map { evidence(seed * 10 + $0, slower: slower * (0.9 + 0.1 * Double($0 % 3)), steps: 30) }
    }
    #expect(Comparison(side(1), side(2)).judgement == .same)
    #expect(Comparison(side(1), side(2, 1.5)).judgement == .worse)
    let rows = Comparison(side(1), side(2)).rows
    let row = try #require(rows.first)
    let interval = try #require(row.interval)
    #expect(row.name == "mean" && interval.lowerBound < 0.97 && interval.upperBound > 1.03)
  }

  @Test("too few seconds, or messages, and nothing is said")
  func little() {
    let short = evidence(1, steps: 10)
    #expect(Comparison([short], [short]).judgement == .unknown)
    let rows = Comparison([evidence(1, messages: 60)], [evidence(2, messages: 60)]).rows
    #expect(rows.map(\.name).prefix(5) == ["mean", "p50", "p90", "p99", "p999"])
    #expect(rows.prefix(5).map { $0.judgement == .unknown } == [false, false, false, false, true])
    #expect(Comparison([], []).judgement == .unknown)
  }

  @Test("a run that loses what the other did not is worse, however fast it is")
  func losses() throws {
    let before = evidence(1)
    var now = evidence(2, slower: 0.5)
    now.lost = 12
    let comparison = Comparison([before], [now])
    let lost = try #require(comparison.rows.first { $0.name == "lost" })
    #expect(lost.judgement == .worse && lost.first == 0 && lost.second == 12 && lost.ratio == nil)
    #expect(comparison.judgement == .worse)
    now.lost = 3
    #expect(Comparison([before], [now]).judgement == .better)
  }

  @Test("the wider the tolerance, the less is worse")
  func tolerance() {
    let runs = (evidence(1), evidence(2, slower: 1.2))
    #expect(Comparison([runs.0], [runs.1], tolerance: 0.1).judgement == .worse)
    #expect(Comparison([runs.0], [runs.1], tolerance: 0.4).judgement == .same)
  }
}

@Suite struct CountDifferenceTests {
  @Test(
    "the chance is that of coins",
    arguments: [(0, 1, 0.5), (0, 7, 0.0078125), (5, 5, 0.623046875), (10, 0, 1), (0, 0, 1)])
  func coins(_ first: Int, _ second: Int, _ chance: Double) {
    let difference = CountDifference(first: first, of: 1000, second: second, of: 1000)
    #expect(abs(difference.chanceOfMore - chance) < 1e-12)
    let swapped = CountDifference(first: second, of: 1000, second: first, of: 1000)
    #expect(abs(swapped.chanceOfLess - chance) < 1e-12)
  }

  @Test("who had twice as much at stake may lose twice as much")
  func stake() {
    #expect(CountDifference(first: 100, of: 1000, second: 200, of: 2000).chanceOfMore > 0.4)
    #expect(CountDifference(first: 100, of: 1000, second: 200, of: 1000).chanceOfMore < 1e-6)
  }

  @Test("counts of any size, and stakes of none, are taken")
  func extremes() {
    #expect(CountDifference(first: 0, of: 0, second: .max, of: 0).chanceOfMore < 1e-9)
    let large = CountDifference(first: 1_000_000, of: 1, second: 1_000_000, of: 1)
    #expect(abs(large.chanceOfMore - 0.5) < 0.01)
  }
}
