import JSONText
import Measurement

/// The lab's answer, for people and for programs.
enum HerdReport {
  static func text(_ trial: HerdTrial) -> String {
    let model = trial.model
    var lines = [
      "",
      "  herd      \(Number.grouped(trial.clients)) clients, all dropped at once; seed \(trial.seed)",
      "  server    \(Number.grouped(Int(model.acceptsPerSecond))) handshakes a second, "
        + "\(Number.time(model.handshake)) each when it is idle"
        + (model.away > 0 ? ", away for \(HerdOptions.show(model.away))" : ""),
      "  line      \(Number.grouped(model.queue)) may wait, more are "
        + (model.overflow == .drop ? "heard when they try again" : "refused")
        + "; a client waits \(HerdOptions.show(model.timeout))",
    ]
    if trial.showsLimit == false {
      lines.append("            at least: the run's herd was too small to show what the server can do")
    }
    lines += [
      "", row("", ["p50", "p99", "max", "peak/100ms", "attempts", "refused", "unheard", "timed out"]),
    ]
    for way in trial.ways { lines.append(row(way)) }
    for way in trial.ways { lines += shape(way) }
    let kept = trial.model.acceptsPerSecond * trial.share
    lines += [
      "",
      "  recommended: slots over \(Number.time(trial.advice.window)). So \(Number.plain(kept < 100 ? kept : kept.rounded(.down))) come back a second, "
        + "\(Number.plain((trial.share * 100).rounded())) % of what the server can do.", "",
    ]
    return lines.joined(separator: "\n")
  }

  private static func row(_ way: HerdTrial.Way) -> String {
    let outcome = way.outcome
    let counts = [outcome.herd.peak, outcome.attempts, outcome.refused, outcome.unheard, outcome.timedOut]
    let text = row(
      way.name,
      [outcome.back.percentile(50), outcome.back.percentile(99), outcome.back.max].map { Number.time($0) }
        + counts.map { Number.grouped($0) })
    if outcome.stillAway == 0 { return text }
    let count = "  \(Number.grouped(outcome.stillAway))"
    return text + count
      + (outcome.isHopeless ? " never come back" : " still away after \(Number.time(outcome.ended))")
  }

  private static func row(_ name: String, _ columns: [String]) -> String {
    columns.reduce("  " + padded(name, 14)) { $0 + String(repeating: " ", count: max(1, 12 - $1.count)) + $1 }
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  private static let levels = Array("▁▂▃▄▅▆▇█")
  private static let widest = 60

  /// When they came back, one sign for each stretch of time.
  private static func shape(_ way: HerdTrial.Way) -> [String] {
    let bins = way.outcome.herd.bins
    if bins.isEmpty { return [] }
    let width = (bins.count + widest - 1) / widest
    let stretches = stride(from: 0, to: bins.count, by: width).map { first in
      bins[first..<min(first + width, bins.count)].reduce(0, +)
    }
    let most = max(1, stretches.max() ?? 1)
    let signs = stretches.map { $0 == 0 ? " " : String(levels[min(7, $0 * 8 / (most + 1))]) }.joined()
    let step = HerdOptions.show(UInt64(width) * Herd.binNanoseconds)
    return [
      "", "  \(padded(way.name, 14))\(signs)",
      "  \(padded("", 14))each sign \(step), at most \(Number.grouped(most))",
    ]
  }

  static func json(_ trial: HerdTrial) -> String {
    var json = JSONWriter(style: .pretty)
    json.beginObject()
    json.member("schema", 1)
    json.member("clients", trial.clients)
    json.member("seed", trial.seed)
    json.object("server") { server in
      server.member("accepts_per_s", (trial.model.acceptsPerSecond * 10).rounded() / 10)
      server.member("handshake_us", trial.model.handshake / 1000)
      server.member("queue", trial.model.queue)
      server.member("when_full", trial.model.overflow.rawValue)
      server.member("timeout_ms", trial.model.timeout / 1_000_000)
      server.member("away_ms", trial.model.away / 1_000_000)
      if let shows = trial.showsLimit { server.member("calibrated", shows ? "limit" : "at least") }
    }
    json.array("policies") { list in
      for way in trial.ways {
        list.beginObject()
        list.member("policy", way.name)
        write(way.outcome, to: &list)
        list.endObject()
      }
    }
    json.object("recommended") { advice in
      advice.member("policy", "slots:\(HerdOptions.show(trial.advice.window))")
      advice.member("window_ms", trial.advice.window / 1_000_000)
      advice.member("share", trial.share)
      write(trial.advice.outcome, to: &advice)
    }
    json.endObject()
    return json.text + "\n"
  }

  private static func write(_ outcome: HerdSimulation.Outcome, to json: inout JSONWriter) {
    json.object("back_us") { $0.microseconds(outcome.back) }
    json.member("attempts", outcome.attempts)
    json.member("refused", outcome.refused)
    json.member("unheard", outcome.unheard)
    json.member("timed_out", outcome.timedOut)
    json.member("still_away", outcome.stillAway)
    json.member("hopeless", outcome.isHopeless)
    json.member("simulated_ms", outcome.ended / 1_000_000)
    json.member("peak_per_100ms", outcome.herd.peak)
    json.column("herd_per_100ms") { list in for bin in outcome.herd.bins { list.integer(bin) } }
  }
}
