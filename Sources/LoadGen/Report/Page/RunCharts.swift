import JSONText
import Measurement

/// The drawings of one run.
struct RunCharts {
  private let run: SavedRun
  private let series: RunSeries
  private let latency: [Histogram]
  private let marks: [Plot.Mark]
  /// Steps before the plan's end: what comes in the time of grace is no rate.
  private let planned: Int

  init(_ run: SavedRun) {
    self.run = run
    series = run.series
    latency = run.series.steps.map(\.latency.histogram)
    let end = min(run.number("plan", "duration_s") ?? run.seconds, run.seconds)
    planned = min(series.steps.count, max(1, Int((min(max(end, 0), 1e9) / series.stepSeconds).rounded())))
    marks = run.restarts.map { Plot.Mark(at: $0.at, until: $0.done, label: $0.kind) }
  }

  var overTime: String {
    percentiles + throughput + sockets + drops + herd + health
  }

  var distributions: String {
    [
      ("Latency", run.histogram("intended")),
      ("Coming back, from the loss of the socket", run.histogram("reconnect")),
    ]
    .filter { !$0.1.isEmpty }.map { Distribution(title: $0.0, histogram: $0.1).figure }.joined()
  }

  private var percentiles: String {
    let lines: [(String, SeriesStatistic)] = [
      ("p50", .p50), ("p90", .p90), ("p99", .p99), ("p99.9", .p999), ("max", .max),
    ]
    return Plot(
      title: "Latency", note: "By when the answer came. Where a line breaks, no answer came.", unit: .time,
      isLogarithmic: true, step: series.stepSeconds,
      series: lines.enumerated().map { index, line in
        .init(
          name: line.0, color: index + 1,
          values: latency.map { $0.isEmpty ? nil : line.1.microseconds(of: $0) })
      }, marks: marks
    ).figure
  }

  private func rate(_ field: KeyPath<SeriesStep, Int>) -> [Double?] {
    series.steps.prefix(planned).map { Double($0[keyPath: field]) / series.stepSeconds }
  }

  private var throughput: String {
    Plot(
      title: "Messages a second", step: series.stepSeconds,
      series: [
        .init(name: "sent", color: 6, values: rate(\.sent), isDashed: true),
        .init(name: "answered", color: 1, values: rate(\.received)),
      ], marks: marks
    ).figure
  }

  private var sockets: String {
    Plot(
      title: "Open sockets", step: series.stepSeconds,
      series: [.init(name: "open", color: 3, values: series.open.prefix(planned).map { Double($0) })],
      marks: marks,
      target: Double(run.count("sockets", "wanted"))
    ).figure
  }

  /// Nothing where nothing was dropped: an empty chart says less than the figure above.
  private var drops: String {
    let causes = series.total.drops.sorted.map(\.cause)
    if causes.isEmpty { return "" }
    // Five have a colour of their own.
    var lines = causes.prefix(5).enumerated().map { index, cause in
      Plot.Series(
        name: cause.text, color: index + 1,
        values: series.steps.map { Double($0.drops.counts[cause, default: 0]) })
    }
    let others = causes.dropFirst(5)
    if !others.isEmpty {
      lines.append(
        .init(
          name: "others", color: 6,
          values: series.steps.map { step in
            Double(others.reduce(0) { $0 + step.drops.counts[$1, default: 0] })
          }))
    }
    return Plot(
      title: "Drops, in each step", form: .bars, step: series.stepSeconds, series: lines, marks: marks
    ).figure
  }

  /// Who came back when, from a little before the first to a little after the last.
  private var herd: String {
    let bins = (run.json["reconnects"]?["herd_per_100ms"]?.elements ?? []).map { $0.number ?? 0 }
    guard let first = bins.firstIndex(where: { $0 > 0 }), let last = bins.lastIndex(where: { $0 > 0 }) else {
      return ""
    }
    let from = max(0, first - 5)
    let until = min(max(last + 6, from + 30), from + 600)
    let values = (from..<until).map { $0 < bins.count ? bins[$0] : 0 }
    let isCut = until <= last
    return Plot(
      title: "The herd: sockets that came back, each 100 ms",
      note: isCut ? "The first minute of it." : "", form: .bars, step: 0.1, start: Double(from) / 10,
      series: [.init(name: "came back", color: 2, values: values)],
      marks: marks.filter { $0.at >= Double(from) / 10 && $0.at <= Double(until) / 10 }
    ).figure
  }

  /// Percent of one processor for each generator.
  private var health: String {
    let processes = Double(max(1, run.count("generator", "processes")))
    let busy = series.steps.prefix(planned).map {
      Double($0.busyNanoseconds) / Double(series.stepNanoseconds) / processes * 100
    }
    return Plot(
      title: "The generator: percent of a processor, and late sends a second",
      note: "Near 100 it measures itself.", step: series.stepSeconds,
      series: [
        .init(name: "busy", color: 5, values: busy),
        .init(name: "late sends", color: 4, values: rate(\.lateSends)),
      ], marks: marks
    ).figure
  }
}
