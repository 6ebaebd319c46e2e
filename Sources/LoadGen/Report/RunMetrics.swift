import Bytes
import Measurement

/// A run that goes on, in Prometheus' text format.
enum RunMetrics {
  /// Seconds; what a dashboard's quantiles are estimated from.
  private static let bounds = [
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10,
  ]

  static func text(_ series: RunSeries, wanted: Int) -> String {
    let total = series.total
    var text = ""
    func metric(_ name: String, _ kind: String, _ help: String, _ samples: [(labels: String, value: String)])
    {
      text += "# HELP wsload_\(name) \(help)\n# TYPE wsload_\(name) \(kind)\n"
      for sample in samples { text += "wsload_\(name)\(sample.labels) \(sample.value)\n" }
    }
    metric("sockets_wanted", "gauge", "Sockets the plan holds.", [("", "\(wanted)")])
    metric("sockets_open", "gauge", "Sockets that are open.", [("", "\(series.open.last ?? 0)")])
    for (name, help, value) in [
      ("messages_sent_total", "Messages sent.", total.sent),
      ("messages_received_total", "Answers received.", total.received),
      ("messages_unsent_total", "Messages not sent because their socket was away.", total.unsent),
      ("sends_late_total", "Messages that left later than planned.", total.lateSends),
      ("connections_total", "Sockets established, again included.", total.joined),
      ("connections_failed_total", "Attempts to open a socket that did not succeed.", total.failed),
      ("reconnects_total", "Sockets that came back.", total.reconnects),
    ] {
      metric(name, "counter", help, [("", "\(value)")])
    }
    metric(
      "generator_cpu_seconds_total", "counter", "Processor time of the generators.",
      [("", "\(Double(total.busyNanoseconds) / 1e9)")])
    metric(
      "drops_total", "counter", "Established sockets that ended, by cause.",
      total.drops.sorted.map { ("{cause=\"\($0.cause.text)\"}", "\($0.count)") })
    let latency = total.latency.histogram
    let buckets = bounds.map { ("_bucket{le=\"\($0)\"}", "\(latency.count(through: UInt64($0 * 1e9)))") }
    text += "# HELP wsload_latency_seconds From when a message was meant to leave until its answer.\n"
    text += "# TYPE wsload_latency_seconds histogram\n"
    for (labels, value) in buckets + [
      ("_bucket{le=\"+Inf\"}", "\(latency.count)"), ("_sum", "\(Double(latency.sum) / 1e9)"),
      ("_count", "\(latency.count)"),
    ] {
      text += "wsload_latency_seconds\(labels) \(value)\n"
    }
    return text
  }
}
