import Measurement

/// The report for people: one screen, the verdict last.
enum Summary {
  static func text(_ report: RunReport) -> String {
    let figures = report.figures
    var lines = [
      "",
      "\(report.plan.target.url)  \(Number.seconds(report.seconds))  seed \(report.plan.seed)",
      "",
      row(
        "sockets",
        "\(Number.grouped(figures.opened)) of \(Number.grouped(figures.wanted)) opened, "
          + "\(Number.grouped(figures.heldMost)) held at most, \(Number.grouped(figures.openAtEnd)) open at the end"
      ),
    ]
    if figures.failed.total > 0 { lines.append(row("failed to open", causes(figures.failed))) }
    lines.append(
      row(
        "messages",
        "\(Number.grouped(figures.sent)) sent, \(Number.grouped(figures.received)) answered, "
          + "\(Number.grouped(figures.lost)) lost, \(Number.grouped(figures.duplicated)) doubled, "
          + "\(Number.grouped(figures.reordered)) out of order, \(Number.grouped(figures.corrupt)) corrupt"))
    if figures.foreign > 0 { lines.append(row("other messages", Number.grouped(figures.foreign))) }
    lines.append(row("drops", figures.drops.total == 0 ? "none" : causes(figures.drops)))
    if figures.reconnect.count > 0 || figures.reconnectFailures.total > 0 {
      lines.append(row("came back", reconnects(figures)))
    }
    lines.append("")
    lines.append("                       p50        p90        p99      p99.9        max")
    lines.append(times("latency", figures.intended))
    lines.append(times("  of it service", figures.service))
    lines.append(times("connecting", figures.connect))
    if figures.reconnect.count > 0 { lines.append(times("coming back", figures.reconnect)) }
    lines.append(
      "  Latency counts from when a message was meant to leave, so a stall is not hidden by waiting for it.")
    lines.append("")
    for outcome in report.outcomes where !outcome.ok {
      lines.append("  ✗ \(outcome.text): it was \(Number.plain(outcome.value))")
    }
    if report.isBottleneck {
      lines.append(
        "  The generator was at its own limit: read the latency as an upper bound, or use --processes.")
    }
    lines.append(report.passes ? "PASS  \(report.outcomes.count) assertions hold" : "FAIL")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func row(_ name: String, _ text: String) -> String {
    "  " + name + String(repeating: " ", count: max(1, 17 - name.count)) + text
  }

  private static func causes(_ tally: Tally) -> String {
    "\(Number.grouped(tally.total)): "
      + tally.sorted.map { "\($0.cause.text) \(Number.grouped($0.count))" }.joined(separator: ", ")
  }

  private static func reconnects(_ figures: RunFigures) -> String {
    var text =
      "\(Number.grouped(Int(clamping: figures.reconnect.count))), at most \(figures.herd.peak) in 100 ms"
    if figures.reconnectFailures.total > 0 { text += "; in vain \(causes(figures.reconnectFailures))" }
    return text
  }

  private static func times(_ name: String, _ histogram: Histogram) -> String {
    let values = [50, 90, 99, 99.9, 100].map { percent in
      Number.time(percent == 100 ? histogram.max : histogram.percentile(percent))
    }
    let columns = values.map { String(repeating: " ", count: max(1, 11 - $0.count)) + $0 }.joined()
    return "  " + name + String(repeating: " ", count: max(1, 13 - name.count + 2)) + columns
  }
}

/// Figures as people read them.
enum Number {
  /// `12 345`
  static func grouped(_ value: Int) -> String {
    var digits = String(abs(value))[...]
    var groups: [Substring] = []
    while digits.count > 3 {
      groups.insert(digits.suffix(3), at: 0)
      digits = digits.dropLast(3)
    }
    groups.insert(digits, at: 0)
    return (value < 0 ? "-" : "") + groups.joined(separator: ",")
  }

  /// Nanoseconds as `0.85 ms`.
  static func time(_ nanoseconds: UInt64) -> String {
    let value = Double(nanoseconds)
    if value == 0 { return "-" }
    if value < 1e6 { return "\(Int(value / 1e3)) µs" }
    if value < 1e9 { return "\(fixed(value / 1e6)) ms" }
    return "\(fixed(value / 1e9)) s"
  }

  static func seconds(_ value: Double) -> String { "\(fixed(value)) s" }

  /// Without a fraction where there is none.
  static func plain(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? grouped(Int(value)) : fixed(value)
  }

  private static func fixed(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let fraction = String(abs(hundredths % 100))
    return "\(hundredths / 100).\(fraction.count < 2 ? "0" : "")\(fraction)"
  }
}
