import CommandLine
import EventLoop
import JSONText
import Measurement

/// A finished run as its report tells it: what pages, tables and comparisons are made from, whether it has just ended
/// or was kept for a year.
struct SavedRun {
  let json: JSONValue
  let series: RunSeries

  private static let limits = JSONLimits(bytes: 64 << 20, depth: 16, values: 8_000_000)

  init(report text: [UInt8], named name: String) throws(UsageError) {
    let value: JSONValue
    do throws(JSONError) { value = try JSONValue.read(text.span, limits: Self.limits) } catch {
      throw UsageError("\(name) is no report of wsload: \(error)")
    }
    guard value["schema"]?.integer == 1, value["verdict"]?.string != nil else {
      throw UsageError("\(name) is no report of wsload: make one with --json FILE")
    }
    guard let series = value["series"].flatMap({ RunSeries($0) }) else {
      throw UsageError("\(name) has no series: an older wsload has written it, or it was changed")
    }
    json = value
    self.series = series
  }

  static func read(_ path: String) throws -> SavedRun {
    try SavedRun(report: SmallFile.readBytes(path, limit: limits.bytes), named: path)
  }

  // MARK: What it tells

  var url: String { json["url"]?.string ?? "" }
  var started: String { json["started"]?.string ?? "" }
  var seconds: Double { json["seconds"]?.number ?? 0 }
  var passes: Bool { json["verdict"]?.string == "pass" }
  var reasons: [String] { (json["reasons"]?.elements ?? []).compactMap(\.string) }
  var arguments: [String] { (json["plan"]?["arguments"]?.elements ?? []).compactMap(\.string) }

  /// As `--reconnect` said it.
  var reconnect: String { json["plan"]?["reconnect"]?.string ?? "" }

  /// 0 where there is none.
  func count(_ path: String...) -> Int { Int(clamping: value(path)?.integer ?? 0) }

  /// Nil where there is none, and where nothing was measured.
  func number(_ path: String...) -> Double? { value(path)?.number }

  func histogram(_ name: String) -> Histogram {
    let words = (json["histograms_ns"]?[name]?.elements ?? []).compactMap(\.integer)
    return Histogram(encoded: words.map { UInt64(bitPattern: $0) }) ?? Histogram()
  }

  func causes(_ path: String...) -> [(cause: String, count: Int)] {
    (value(path)?.members ?? []).map {
      ($0.name, Int(min(max($0.value.integer ?? 0, 0), 1 << 50)))
    }
  }

  struct Restart: Equatable {
    let kind: String
    /// Seconds of the run.
    let at: Double
    let done: Double?
    let command: String?
    let trouble: String?
  }

  var restarts: [Restart] {
    (json["restarts"]?.elements ?? []).map {
      Restart(
        kind: $0["kind"]?.string ?? "", at: $0["at"]?.number ?? 0, done: $0["done"]?.number,
        command: $0["command"]?.string, trouble: $0["trouble"]?.string)
    }
  }

  struct Assertion: Equatable {
    let text: String
    let value: Double?
    let isTime: Bool
    let ok: Bool
    let reason: String?
  }

  var assertions: [Assertion] {
    (json["assertions"]?.elements ?? []).map {
      Assertion(
        text: $0["text"]?.string ?? "", value: $0["value"]?.number,
        isTime: $0["unit"]?.string == "us", ok: $0["ok"]?.bool ?? false,
        reason: $0["reason"]?.string)
    }
  }

  /// Everything against the run that is no assertion.
  var troubles: [String] {
    let ofAssertions = Set(assertions.compactMap(\.reason))
    return reasons.filter { !ofAssertions.contains($0) }
  }

  var evidence: Evidence {
    var evidence = Evidence(series)
    evidence.wanted = count("sockets", "wanted")
    evidence.failed = causes("sockets", "failed").reduce(0) { $0 + $1.count }
    evidence.sent = count("messages", "sent")
    evidence.lost = count("messages", "lost")
    evidence.duplicated = count("messages", "duplicated")
    evidence.reordered = count("messages", "reordered")
    evidence.corrupt = count("messages", "corrupt")
    evidence.unsent = count("messages", "unsent")
    evidence.drops = count("drops", "total")
    return evidence
  }

  private func value(_ path: [String]) -> JSONValue? {
    var value: JSONValue? = json
    for name in path { value = value?[name] }
    return value
  }
}
