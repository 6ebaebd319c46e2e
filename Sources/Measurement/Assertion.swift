/// One thing a run has to fulfil: `p99<10ms`.
public struct Assertion: Equatable, Sendable {
  public enum Comparison: String, Sendable, CaseIterable {
    case equal = "==", unequal = "!=", atMost = "<=", atLeast = ">=", below = "<", above = ">"
  }

  public let text: String
  public let name: String
  public let comparison: Comparison
  /// Times are in microseconds.
  public let bound: Double

  public struct Malformed: Error, Equatable, CustomStringConvertible {
    public let description: String
  }

  public struct Outcome: Equatable, Sendable {
    public let text: String
    public let value: Double
    public let ok: Bool
  }

  /// What a run is held to when nobody says otherwise.
  public static let standard =
    "opened==wanted && failed==0 && drops==0 && lost==0 && duplicated==0 && reordered==0 && corrupt==0"

  /// `drops==0 && p99<10ms`, with the run's figures for what is named on the right.
  public static func read(_ text: String, wanted: Int) throws(Malformed) -> [Assertion] {
    var assertions: [Assertion] = []
    for part in text.split(separator: "&&", omittingEmptySubsequences: false) {
      assertions.append(try Assertion(part.filter { $0 != " " && $0 != "\t" }, wanted: wanted))
    }
    return assertions
  }

  private init(_ text: String, wanted: Int) throws(Malformed) {
    self.text = text
    guard let (comparison, range) = Self.comparison(in: text) else {
      throw Malformed(description: "'\(text)' compares nothing: write NAME<BOUND, such as p99<10ms")
    }
    let name = String(text[..<range.lowerBound])
    guard Figures.names.contains(name) else {
      throw Malformed(
        description: "'\(name)' is no figure: there are \(Figures.names.joined(separator: ", "))")
    }
    let right = text[range.upperBound...]
    guard let bound = right == "wanted" ? Double(wanted) : Self.bound(right) else {
      throw Malformed(description: "'\(right)' is no number or time, such as 0, 10ms or 2s")
    }
    self.name = name
    self.comparison = comparison
    self.bound = bound
  }

  public func judge(_ figures: RunFigures) -> Outcome {
    let value = Figures.value(of: name, in: figures)
    let ok =
      switch comparison {
      case .equal: value == bound
      case .unequal: value != bound
      case .atMost: value <= bound
      case .atLeast: value >= bound
      case .below: value < bound
      case .above: value > bound
      }
    return Outcome(text: text, value: value, ok: ok)
  }

  private static func comparison(in text: String) -> (Comparison, Range<String.Index>)? {
    // Two signs before one: `<=` is not `<`.
    for comparison in Comparison.allCases {
      if let range = text.firstRange(of: comparison.rawValue) { return (comparison, range) }
    }
    return nil
  }

  private static func bound(_ text: Substring) -> Double? {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let number = Double(digits) else { return nil }
    switch text.dropFirst(digits.count) {
    case "", "us", "µs": return number
    case "ms": return number * 1000
    case "s": return number * 1_000_000
    default: return nil
    }
  }
}

/// The figures of a run by the names people write.
public enum Figures {
  private static let counts: [(String, @Sendable (RunFigures) -> Int)] = [
    ("opened", { $0.opened }), ("wanted", { $0.wanted }), ("held_max", { $0.heldMost }),
    ("open_at_end", { $0.openAtEnd }), ("failed", { $0.failed.total }), ("drops", { $0.drops.total }),
    ("sent", { $0.sent }), ("received", { $0.received }), ("lost", { $0.lost }),
    ("duplicated", { $0.duplicated }),
    ("reordered", { $0.reordered }), ("corrupt", { $0.corrupt }), ("late_sends", { $0.lateSends }),
    ("reconnects", { Int(clamping: $0.reconnect.count) }),
  ]

  private static let times: [(String, @Sendable (RunFigures) -> Histogram)] = [
    ("", { $0.intended }), ("service_", { $0.service }), ("connect_", { $0.connect }),
    ("reconnect_", { $0.reconnect }),
  ]

  private static let statistics: [(String, @Sendable (Histogram) -> Double)] = [
    ("mean", { $0.mean }), ("p50", { Double($0.percentile(50)) }), ("p90", { Double($0.percentile(90)) }),
    ("p99", { Double($0.percentile(99)) }), ("p999", { Double($0.percentile(99.9)) }),
    ("max", { Double($0.max) }),
  ]

  public static let names: [String] =
    counts.map(\.0) + times.flatMap { time in statistics.map { time.0 + $0.0 } }

  /// Times come in microseconds; 0 for a name nobody knows.
  static func value(of name: String, in figures: RunFigures) -> Double {
    if let count = counts.first(where: { $0.0 == name }) { return Double(count.1(figures)) }
    for time in times {
      for statistic in statistics where time.0 + statistic.0 == name {
        return statistic.1(time.1(figures)) / 1000
      }
    }
    return 0
  }
}
