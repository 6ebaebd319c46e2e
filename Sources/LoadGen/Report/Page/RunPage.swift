import JSONText
import Measurement
import TextUI

/// A run as one page: the verdict first, then what happened when, then what it was measured with. It needs nothing but
/// itself, and no script.
enum RunPage {
  static func html(_ run: SavedRun) -> String {
    let charts = RunCharts(run)
    let body =
      head(run) + tiles(run) + "<h2>When</h2>\n" + charts.overTime
      + "<h2>How long</h2>\n" + latency(run) + charts.distributions + causes(run)
      + "<h2>With what</h2>\n" + circumstances(run)
    return PageFrame.html(title: "wsload \(run.passes ? "pass" : "fail"): \(run.url)", body: body)
  }

  private static func head(_ run: SavedRun) -> String {
    let verdict = run.passes ? "pass" : "fail"
    let early = run.number("stopped_at").map { "ended early after \(Plot.seconds($0)), " } ?? ""
    var html =
      "<p class=\"verdict \(verdict)\">\(verdict.uppercased())</p>\n<h1>\(Markup.escaped(run.url))</h1>\n"
    html +=
      "<p class=\"dim\">\(Markup.escaped(run.started)), \(Plot.seconds(run.seconds)), \(early)"
      + "\(Words.grouped(run.count("sockets", "wanted"))) sockets</p>\n<ul class=\"verdicts\">\n"
    for assertion in run.assertions {
      let words = assertion.ok ? "\(assertion.text): \(shown(assertion))" : assertion.reason ?? assertion.text
      html += "<li class=\"\(assertion.ok ? "yes" : "no")\">\(Markup.escaped(words))</li>\n"
    }
    for trouble in run.troubles { html += "<li class=\"no\">\(Markup.escaped(trouble))</li>\n" }
    html += "</ul>\n"
    if run.json["generator"]?["bottleneck"]?.bool == true {
      html += "<p>The generator was at its own limit: read the latency as an upper bound.</p>\n"
    }
    return html
  }

  private static func shown(_ assertion: SavedRun.Assertion) -> String {
    guard let value = assertion.value else { return "–" }
    return assertion.isTime ? Number.time(microseconds: value) : Number.plain(value)
  }

  private static func tiles(_ run: SavedRun) -> String {
    func grouped(_ path: String...) -> (String, Int) {
      let count = path.count == 2 ? run.count(path[0], path[1]) : 0
      return (Words.grouped(count), count)
    }
    let silence = run.number("freeze_us", "max") ?? 0
    let tiles: [(words: String, value: (String, Int), isBad: Bool)] = [
      ("sockets opened", grouped("sockets", "opened"), false),
      ("messages sent", grouped("messages", "sent"), false),
      ("lost", grouped("messages", "lost"), true),
      ("doubled", grouped("messages", "duplicated"), true),
      ("out of order", grouped("messages", "reordered"), true),
      ("drops", grouped("drops", "total"), true),
      ("came back", grouped("reconnects", "total"), false),
      ("longest silence", (Words.time(microseconds: silence), 0), false),
    ]
    return "<div class=\"tiles\">\n"
      + tiles.map { tile in
        "<div class=\"tile\(tile.isBad && tile.value.1 > 0 ? " bad" : "")\"><b>\(Markup.escaped(tile.value.0))</b>"
          + "<span>\(tile.words)</span></div>\n"
      }.joined() + "</div>\n"
  }

  private static func latency(_ run: SavedRun) -> String {
    let rows = [
      ("latency, from when it was meant to leave", ["latency_us", "intended"]),
      ("before the first restart", ["latency_us", "steady"]), ("at restarts", ["latency_us", "during"]),
      ("of it service", ["latency_us", "service"]), ("connecting", ["connect_us"]),
      ("coming back", ["reconnects", "us"]),
    ].compactMap { name, path -> [String]? in
      var value = run.json
      for part in path { value = value[part] ?? .null }
      guard (value["count"]?.integer ?? 0) > 0 else { return nil }
      let times = ["mean", "p50", "p90", "p99", "p999", "max"].map {
        value[$0]?.number.map { Words.time(microseconds: $0) } ?? "–"
      }
      return [name, Words.grouped(Int(clamping: value["count"]?.integer ?? 0))] + times
    }
    return PageFrame.table(["", "count", "mean", "p50", "p90", "p99", "p99.9", "max"], rows)
      + "<p class=\"note\">Latency counts from when a message was meant to leave, so a stall is not hidden by waiting "
      + "for it.</p>\n"
  }

  private static func causes(_ run: SavedRun) -> String {
    let groups = [
      ("dropped", run.causes("drops", "by_cause")), ("not opened", run.causes("sockets", "failed")),
      ("came back in vain", run.causes("reconnects", "failed")),
    ]
    let rows = groups.flatMap { name, causes in causes.map { [$0.cause, name, Words.grouped($0.count)] } }
    return rows.isEmpty ? "" : "<h2>Why</h2>\n" + PageFrame.table(["cause", "", "sockets"], rows)
  }

  private static func circumstances(_ run: SavedRun) -> String {
    let plan = (run.json["plan"]?.members ?? []).filter { $0.name != "arguments" }.map { member in
      [member.name.replacing("_", with: " "), member.value.string ?? member.value.text()]
    }
    let restarts = run.restarts.map { restart in
      let end = restart.done.map { ", done after \(Plot.seconds(max(0, $0 - restart.at)))" } ?? ""
      return ["restart", "\(restart.command ?? restart.kind) at \(Plot.seconds(restart.at))\(end)"]
    }
    let machine = (run.json["machine"]?.members ?? []).map { [$0.name, $0.value.string ?? $0.value.text()] }
    let generator = (run.json["generator"]?.members ?? []).filter { $0.name != "failures" }.map {
      ["generator: " + $0.name.replacing("_", with: " "), $0.value.string ?? $0.value.text()]
    }
    let command = ["again with", "wsload " + run.arguments.map(shellWord).joined(separator: " ")]
    let facts = PageFrame.table([], plan + restarts + machine + generator + [command])
    return facts.replacing("<table>", with: "<table class=\"facts\">")
  }

  /// As it can be typed.
  static func shellWord(_ word: String) -> String {
    let isPlain = word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "="), UInt8(ascii: "."),
        UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "_"), UInt8(ascii: ","), UInt8(ascii: "%"):
        true
      default: false
      }
    }
    return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}
