import Measurement
import TextUI

/// A comparison as one page: the judgement, each figure, and the runs on the same axes.
enum ComparePage {
  static func html(_ comparison: Comparison, _ sides: [[SavedRun]]) -> String {
    let judgement = comparison.judgement.rawValue
    var body = "<p class=\"verdict \(judgement)\">\(judgement.uppercased())</p>\n"
    body += "<h1>\(Markup.escaped(sides.last?.first?.url ?? ""))</h1>\n"
    for (name, runs) in zip(["before", "now"], sides) {
      let times = runs.map(\.started).joined(separator: ", ")
      body += "<p class=\"dim\">\(name): \(Markup.escaped(times))</p>\n"
    }
    body += "<p>\(Markup.escaped(CompareText.explanation(comparison.judgement, sides)))</p>\n"
    for warning in CompareText.warnings(sides) { body += "<p>Mind: \(Markup.escaped(warning))</p>\n" }
    body += PageFrame.table(
      ["", "before", "now", "change", "99.5 % sure of", ""], comparison.rows.map(CompareText.cells),
      classes: comparison.rows.map { "is\($0.judgement.rawValue)" })
    body += "<h2>When</h2>\n" + charts(sides)
    return PageFrame.html(title: "wsload compare: \(judgement)", body: body)
  }

  private static func charts(_ sides: [[SavedRun]]) -> String {
    // One axis for all: the coarsest step any of them has.
    let step = sides.flatMap { $0 }.map(\.series.stepNanoseconds).max() ?? RunSeries.finest
    let shown: [(title: String, statistic: SeriesStatistic)] = [
      ("Latency, p50", .p50), ("Latency, p99", .p99), ("Latency, p99.9", .p999),
    ]
    let latencies = shown.map { title, statistic in
      Plot(
        title: title, unit: .time, isLogarithmic: true, step: Double(step) / 1e9,
        series: lines(sides, step) { series in
          series.steps.map { step in
            let histogram = step.latency.histogram
            return histogram.isEmpty ? nil : statistic.microseconds(of: histogram)
          }
        }, marks: marks(sides)
      ).figure
    }
    let answers = Plot(
      title: "Answers a second", step: Double(step) / 1e9,
      series: lines(sides, step) { series in
        series.steps.map { Double($0.received) / series.stepSeconds }
      }, marks: marks(sides))
    let open = Plot(
      title: "Open sockets", step: Double(step) / 1e9,
      series: lines(sides, step) { $0.open.map { Double($0) } }, marks: marks(sides))
    return latencies.joined() + answers.figure + open.figure
  }

  /// Each run a line, each side a colour.
  private static func lines(
    _ sides: [[SavedRun]], _ step: UInt64, _ values: (RunSeries) -> [Double?]
  ) -> [Plot.Series] {
    zip(["before", "now"], sides).enumerated().flatMap { side, named in
      named.1.enumerated().map { number, run in
        Plot.Series(
          name: named.1.count == 1 ? named.0 : "\(named.0) \(number + 1)", color: side == 0 ? 6 : 1,
          values: values(run.series.folded(to: step)), isDashed: side == 0)
      }
    }
  }

  private static func marks(_ sides: [[SavedRun]]) -> [Plot.Mark] {
    (sides.last?.first?.restarts ?? []).map { Plot.Mark(at: $0.at, until: $0.done, label: $0.kind) }
  }
}
