import Measurement

/// The run step by step as comma-separated values (RFC 4180): one line a step, one column a figure.
enum SeriesTable {
  static func csv(_ run: SavedRun) -> String {
    let series = run.series
    let causes = series.total.drops.sorted.map(\.cause)
    let columns =
      [
        "second", "sent", "received", "open", "joined", "reconnects", "failed", "unsent", "late_sends",
        "drops",
      ]
      + causes.map { "drops \($0.text)" } + SeriesStatistic.allCases.map { "\($0.rawValue)_us" } + [
        "restarts"
      ]
    var lines = [columns.map(quoted).joined(separator: ",")]
    for (place, (step, open)) in zip(series.steps, series.open).enumerated() {
      let from = Double(place) * series.stepSeconds
      let counts = [
        step.sent, step.received, open, step.joined, step.reconnects, step.failed, step.unsent,
        step.lateSends, step.drops.total,
      ]
      let drops = causes.map { step.drops.counts[$0, default: 0] }
      let histogram = step.latency.histogram
      let times = SeriesStatistic.allCases.map {
        histogram.isEmpty ? "" : number($0.microseconds(of: histogram))
      }
      let restarts = run.restarts.filter { $0.at >= from && $0.at < from + series.stepSeconds }.map(\.kind)
      let cells =
        [number(from)] + (counts + drops).map(String.init) + times
        + [quoted(restarts.joined(separator: " "))]
      lines.append(cells.joined(separator: ","))
    }
    return lines.joined(separator: "\r\n") + "\r\n"
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
  }

  private static func quoted(_ text: String) -> String {
    let needsQuotes = text.contains { $0 == "," || $0 == "\"" || $0.isNewline }
    return needsQuotes ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }
}
