import EventLoop
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
    if let time = report.stoppedAt {
      let planned = Double(report.plan.duration.wholeNanoseconds) / 1e9
      lines.append(row("ended early", "after \(Number.seconds(time)) of \(Number.seconds(planned))"))
    }
    if figures.failed.total > 0 { lines.append(row("failed to open", causes(figures.failed))) }
    lines.append(
      row(
        "messages",
        "\(Number.grouped(figures.sent)) sent, \(Number.grouped(figures.received)) answered, "
          + "\(Number.grouped(figures.lost)) lost, \(Number.grouped(figures.duplicated)) doubled, "
          + "\(Number.grouped(figures.reordered)) out of order, \(Number.grouped(figures.corrupt)) corrupt"))
    if figures.unsent > 0 {
      lines.append(row("not sent", "\(Number.grouped(figures.unsent)): their sockets were away by then"))
    }
    if figures.overdue > 0 {
      lines.append(row("sent late", "\(Number.grouped(figures.overdue)): once their sockets were back"))
    }
    if figures.published > 0 {
      lines.append(
        row(
          "published",
          "\(Number.grouped(figures.published)), \(Number.grouped(figures.unpublished)) not taken"))
    }
    if report.plan.mode == .sluice { lines.append(contentsOf: sluice(figures)) }
    if figures.foreign > 0 { lines.append(row("other messages", Number.grouped(figures.foreign))) }
    for fault in figures.faults.list.prefix(5) {
      lines.append(row("", "socket \(fault.socket), message \(fault.sequence): \(fault.kind.rawValue)"))
    }
    lines.append(row("drops", figures.drops.total == 0 ? "none" : causes(figures.drops)))
    if figures.reconnect.count > 0 || figures.reconnectFailures.total > 0 {
      lines.append(row("came back", reconnects(figures)))
    }
    if figures.cut > 0 { lines.append(row("cut in two", "\(Number.grouped(figures.cut)) frames")) }
    for (number, record) in report.restarts.enumerated() {
      lines.append(row("restart", record.words))
      if let back = figures.recovery.time(after: number) {
        let words = back == 0 ? "never left its base" : "was back at its base after \(Number.time(back))"
        lines.append(row("", "the latency " + words))
      }
    }
    lines.append(row("longest silence", silence(report)))
    if !figures.blackouts.isEmpty {
      lines.append(
        row(
          "nobody heard",
          "anything for \(Number.time(figures.blackouts.max)) at most, \(figures.blackouts.count) times over 10 ms"
        ))
    }
    lines.append("")
    lines.append(contentsOf: table(report))
    lines.append("")
    lines.append(contentsOf: verdict(report))
    return lines.joined(separator: "\n") + "\n"
  }

  private static func sluice(_ figures: RunFigures) -> [String] {
    [
      row(
        "receipts",
        "\(Number.grouped(figures.acked)); missing without one \(Number.grouped(figures.unreceipted)), "
          + "refused \(Number.grouped(figures.refused))"),
      row(
        "sessions",
        "\(Number.grouped(figures.moved)) moved when told, \(Number.grouped(figures.resumed)) resumed: "
          + "\(Number.grouped(figures.recovered)) with everything, \(Number.grouped(figures.unrecovered)) told of "
          + "a loss, in which are \(Number.grouped(figures.toldLost))"),
    ]
  }

  private static func table(_ report: RunReport) -> [String] {
    let figures = report.figures
    var lines = [columns("", ["p50", "p90", "p99", "p99.9", "max"])]
    lines.append(times("latency", figures.intended))
    if !report.restarts.isEmpty {
      lines.append(times("  steady", figures.steady))
      lines.append(times("  at restarts", figures.during))
    }
    lines.append(times("  of it service", figures.service))
    lines.append(times("connecting", figures.connect))
    if figures.reconnect.count > 0 { lines.append(times("coming back", figures.reconnect)) }
    lines.append(
      "  Latency counts from when a message was meant to leave, so a stall is not hidden by waiting for it.")
    return lines
  }

  /// The longest any socket waited for an answer or to come back, and how many waited long.
  private static func silence(_ report: RunReport) -> String {
    let figures = report.figures
    if figures.freeze.isEmpty { return "–" }
    var text =
      "\(Number.time(figures.freeze.max)) at \(Number.seconds(Double(figures.outage.beganAt) / 1e9)), "
      + "\(Number.grouped(figures.frozen)) \(figures.frozen == 1 ? "socket" : "sockets") over 10 ms"
    if let period = report.plan.schedule.period {
      text += "; each spoke every \(Number.time(period)), and notices nothing in between"
    }
    return text
  }

  private static func verdict(_ report: RunReport) -> [String] {
    var lines = report.outcomes.map { outcome in
      outcome.reason.map { "  ✗ \($0)" } ?? "  ✓ \(outcome.text): \(outcome.shown)"
    }
    lines += report.troubles.map { "  ✗ \($0)" }
    if report.isBottleneck {
      lines.append(
        "  The generator was the bottleneck \(bottleneck(report)): read the latency as an upper bound, or use --processes."
      )
    }
    if report.figures.starved > 0 {
      lines.append(
        "  This machine had no port or descriptor left for \(Number.grouped(report.figures.starved)) connections: "
          + "use --source or --processes.")
    }
    // It hears nothing while it is busy; a fifth of the longest silence is worth a word.
    if !report.figures.freeze.isEmpty,
      report.figures.longestTurnNanoseconds > max(2_000_000, report.figures.freeze.max / 5)
    {
      let turn = Number.time(report.figures.longestTurnNanoseconds)
      lines.append(
        "  The generator itself was busy for \(turn) at a time: so much of a silence may be its own.")
    }
    let count = report.outcomes.count
    lines.append(report.passes ? "PASS  \(count) assertion\(count == 1 ? " holds" : "s hold")" : "FAIL")
    return lines
  }

  /// `from 12 s to 19 s`, of many the first three.
  private static func bottleneck(_ report: RunReport) -> String {
    let spans = report.figures.strained
    let words = spans.prefix(3).map { "from \($0.lowerBound) s to \($0.upperBound) s" }.joined(
      separator: ", ")
    return words + (spans.count > 3 ? " and \(spans.count - 3) times more" : "")
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
      if histogram.isEmpty { return "–" }
      return Number.time(percent == 100 ? histogram.max : histogram.percentile(percent))
    }
    return columns(name, values)
  }

  private static func columns(_ name: String, _ values: [String]) -> String {
    let cells = values.map { String(repeating: " ", count: max(1, 11 - $0.count)) + $0 }.joined()
    return "  " + name + String(repeating: " ", count: max(1, 16 - name.count)) + cells
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
    if value < 1e6 { return "\(Int(value / 1e3)) µs" }
    if value < 1e9 { return "\(fixed(value / 1e6)) ms" }
    return "\(fixed(value / 1e9)) s"
  }

  /// As measured, or as a file says: whatever it is, it is shown.
  static func time(microseconds: Double) -> String { time(UInt64(min(max(0, microseconds), 1e15) * 1000)) }

  static func seconds(_ value: Double) -> String { "\(fixed(value)) s" }

  /// Without a fraction where there is none.
  static func plain(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? grouped(Int(value)) : fixed(value)
  }

  private static func fixed(_ value: Double) -> String {
    let hundredths = Int((min(max(value, -1e15), 1e15) * 100).rounded())
    let fraction = String(abs(hundredths % 100))
    return "\(hundredths / 100).\(fraction.count < 2 ? "0" : "")\(fraction)"
  }
}
