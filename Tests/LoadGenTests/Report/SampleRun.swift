import EventLoop
import JSONText
import Measurement

@testable import LoadGen

/// A run with fixed values: two seconds, a restart that drops two of three sockets, one assertion that fails.
enum SampleRun {
  static func report(_ arguments: String...) throws -> RunReport {
    let plan = try Plan(
      arguments: [
        "ws://127.0.0.1:8000/ws", "--sockets=3", "--duration=2", "--send-rate=4", "--seed=7",
        "--restart=echo '<b>' & \"x\"", "--at=1", "--assert=drops==0 && p99<10ms",
      ] + arguments)
    var series = RunSeries()
    for place in 0..<UInt64(8) { series.add(step(place), at: place * RunSeries.finest) }
    var figures = RunFigures()
    figures.wanted = 3
    figures.opened = 3
    figures.heldMost = 3
    figures.openAtEnd = 3
    figures.sent = series.total.sent
    figures.received = series.total.received
    figures.unsent = series.total.unsent
    figures.drops = series.total.drops
    figures.intended = series.total.latency.histogram
    for milliseconds: UInt64 in [200, 350] { figures.reconnect.record(milliseconds * 1_000_000) }
    figures.herd.add(at: 1_200_000_000)
    figures.herd.add(at: 1_350_000_000)
    var record = RestartRecord(plan.restarts[0])
    record.state = .ended(since: 1_000_000_000, at: 1_250_000_000, .code(0))
    return RunReport(
      plan: plan, figures: figures, series: series, startedUnixMilliseconds: 0,
      started: "2026-11-21T12:00:00.000Z", seconds: 2.05, processes: 1,
      outcomes: plan.assertions.map { $0.judge(figures) }, restarts: [record], failures: [],
      machine: TestBed(host: "bench", processor: "P", cores: 2, kernel: "6.1", version: "0.1.0"))
  }

  static func saved() throws -> SavedRun {
    try SavedRun(report: Array(report().json().utf8), named: "sample")
  }

  private static func step(_ place: UInt64) -> SeriesStep {
    var step = SeriesStep()
    if place == 0 { step.joined = 3 }
    step.sent = 3
    step.busyNanoseconds = 25_000_000
    if place == 4 {
      step.drops.add(.close(1012))
      step.drops.add(.reset)
      step.left = 2
      step.sent = 1
    }
    if place == 5 {
      step.joined = 2
      step.reconnects = 2
      step.sent = 0
      step.unsent = 2
      return step
    }
    step.received = step.sent
    var latency = Histogram()
    latency.record(place == 4 ? 40_000_000 : 1_000_000 + place * 100_000, count: UInt64(step.received))
    step.latency = PackedHistogram(latency)
    return step
  }
}
