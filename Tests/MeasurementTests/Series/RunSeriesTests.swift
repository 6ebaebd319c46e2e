import Bytes
import JSONText
import Testing

@testable import Measurement

@Suite struct RunSeriesTests {
  private static let quarter = RunSeries.finest

  private func step(_ count: Int, latency: UInt64? = nil, drop: DropCause? = nil) -> SeriesStep {
    var step = SeriesStep()
    step.sent = count
    step.joined = count
    if let drop {
      step.drops.add(drop)
      step.left = 1
    }
    if let latency {
      var histogram = Histogram()
      histogram.record(latency, count: UInt64(count))
      step.latency = PackedHistogram(histogram)
    }
    return step
  }

  private func random(_ seed: UInt64, steps: Int) -> RunSeries {
    var random = SplitMix64(seed: seed)
    var series = RunSeries()
    for _ in 0..<steps {
      let time = UInt64.random(in: 0..<200, using: &random) * Self.quarter
      let drop: DropCause? = random.next() % 3 == 0 ? .close(1012) : nil
      series.add(step(3, latency: random.next() % 5_000_000, drop: drop), at: time)
    }
    return series
  }

  @Test("a quarter of a second each, the empty ones too")
  func steps() {
    var series = RunSeries()
    series.add(step(2), at: 0)
    series.add(step(1), at: Self.quarter - 1)
    series.add(step(5), at: 3 * Self.quarter)
    #expect(series.steps.map(\.sent) == [3, 0, 0, 5])
    #expect(series.stepSeconds == 0.25 && series.total.sent == 8)
  }

  @Test("sockets that are open are those that came less those that went")
  func open() {
    var series = RunSeries()
    series.add(step(5), at: 0)
    series.add(step(2, drop: .reset), at: Self.quarter)
    series.add(step(0, drop: .reset), at: 3 * Self.quarter)
    #expect(series.open == [5, 6, 6, 5])
  }

  @Test("a report from when only drops were taken for ends is read as it was meant")
  func older() throws {
    let older = try JSONValue.read(
      """
      {"step_s": 0.25, "sent": [0, 0], "received": [0, 0], "joined": [5, 0], "reconnects": [0, 0],
       "failed": [0, 0], "unsent": [0, 0], "late_sends": [0, 0], "busy_ns": [0, 0],
       "drops_by_cause": {"eof": [1, 2]}, "latency_histograms": [[], []]}
      """)
    #expect(RunSeries(older)?.open == [4, 2])
  }

  @Test("a long run folds, and nothing is forgotten")
  func folding() {
    var series = RunSeries()
    for place in 0..<UInt64(2000) {
      series.add(step(2, latency: 1000 + place, drop: .eof), at: place * Self.quarter)
    }
    #expect(series.stepSeconds == 1 && series.steps.count == 500)
    #expect(
      series.steps.allSatisfy { $0.sent == 8 && $0.drops.total == 4 && $0.latency.histogram.count == 8 })
    #expect(series.total.latency.histogram.count == 4000)
    #expect(series.open.last == 2000)
  }

  @Test("the end of time is still a step")
  func end() {
    var series = RunSeries()
    series.add(step(1), at: 0)
    series.add(step(1), at: .max)
    #expect(series.steps.count <= RunSeries.mostSteps && series.total.sent == 2)
  }

  @Test(
    "merging two is counting all in one, however coarse each is", arguments: 1...10 as ClosedRange<UInt64>)
  func merge(_ seed: UInt64) {
    var one = random(seed, steps: 50)
    var two = random(seed + 1000, steps: 50)
    two.add(step(1), at: UInt64(RunSeries.mostSteps) * (1 + seed % 3) * Self.quarter)
    var reversed = two
    reversed.merge(one)
    one.merge(two)
    #expect(one == reversed, "seed \(seed)")
    #expect(one.total.sent == 301 && one.stepNanoseconds == two.stepNanoseconds, "seed \(seed)")
    two = RunSeries()
    two.merge(one)
    #expect(two == one, "seed \(seed)")
  }

  @Test("what a report says comes back whole", arguments: 1...5 as ClosedRange<UInt64>)
  func text(_ seed: UInt64) throws {
    let series = random(seed, steps: 60)
    var json = JSONWriter(style: .pretty)
    json.beginObject()
    series.write(to: &json)
    json.endObject()
    #expect(RunSeries(try JSONValue.read(json.text)) == series, "seed \(seed)")
  }

  @Test("a report's series reads like this")
  func golden() {
    var series = RunSeries()
    series.add(step(2, latency: 100), at: 0)
    series.add(step(1, drop: .close(1001)), at: Self.quarter)
    var json = JSONWriter(style: .pretty)
    json.beginObject()
    series.write(to: &json)
    json.endObject()
    let expected = """
      {
        "step_s": 0.25,
        "sent": [2,1],
        "received": [0,0],
        "joined": [2,1],
        "left": [0,1],
        "reconnects": [0,0],
        "failed": [0,0],
        "unsent": [0,0],
        "late_sends": [0,0],
        "busy_ns": [0,0],
        "open": [2,2],
        "drops_by_cause": {
          "close:1001": [0,1]
        },
        "latency_us": {
          "mean": [0.1,null],
          "p50": [0.1,null],
          "p90": [0.1,null],
          "p99": [0.1,null],
          "p999": [0.1,null],
          "max": [0.1,null]
        },
        "latency_histograms": [[2,200,0,100,100,100,2],[]]
      }
      """
    #expect(json.text == expected)
  }

  @Test(
    "a series nobody wrote is refused",
    arguments: [
      "{}", #"{"step_s": 0.3, "latency_histograms": []}"#, #"{"step_s": 0.25, "latency_histograms": [[]]}"#,
      #"{"step_s": -1, "latency_histograms": []}"#, #"{"step_s": 1e300, "latency_histograms": []}"#, "[1]",
    ])
  func hostile(_ text: String) throws { #expect(RunSeries(try JSONValue.read(text)) == nil) }

  @Test("a step arrives as it was sent, and nothing less")
  func packet() {
    var sent = step(7, latency: 123_456, drop: .http(503))
    sent.busyNanoseconds = 99
    let packet = sent.packet(at: 42)
    let read = SeriesStep.read(packet.span)
    #expect(read?.step == sent && read?.at == 42)
    for length in 0..<(packet.count - sent.latency.bytes.count) {
      let part = Array(packet.prefix(length))
      let isRead = SeriesStep.read(part.span) != nil
      #expect(!isRead, "\(length)")
    }
  }
}
