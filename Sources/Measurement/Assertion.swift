/// One thing a run has to fulfil: `p99<10ms`, or against another figure `p999_during<=p999_steady+10ms`.
public struct Assertion: Equatable, Sendable {
  public enum Comparison: String, Sendable, CaseIterable {
    case equal = "==", unequal = "!=", atMost = "<=", atLeast = ">=", below = "<", above = ">"

    fileprivate func holds(_ value: Double, _ limit: Double) -> Bool {
      switch self {
      case .equal: value == limit
      case .unequal: value != limit
      case .atMost: value <= limit
      case .atLeast: value >= limit
      case .below: value < limit
      case .above: value > limit
      }
    }
  }

  public let text: String
  public let name: String
  public let comparison: Comparison
  private let figure: Figure
  private let limit: Limit

  public struct Malformed: Error, Equatable, CustomStringConvertible {
    public let description: String
  }

  /// Times are in microseconds.
  public struct Outcome: Equatable, Sendable {
    public let text: String
    /// Nil for a time that was never measured. Then it holds only if there was no reason to measure: a server that
    /// answers nothing has no slow answers, and that shall not pass for speed.
    public let value: Double?
    /// What the value was held against; nil where that was never measured.
    public let limit: Double?
    /// Held against other figures, so that the text alone does not tell the limit.
    public let isRelative: Bool
    public let isTime: Bool
    public let ok: Bool
  }

  /// What a run is held to when nobody says otherwise.
  public static let standard =
    "opened==wanted && failed==0 && drops==0 && lost==0 && duplicated==0 && reordered==0 && corrupt==0"

  /// `drops==0 && p99<10ms`.
  public static func read(_ text: String) throws(Malformed) -> [Assertion] {
    let parts = text.split(separator: "&&", omittingEmptySubsequences: false)
    var assertions: [Assertion] = []
    for part in parts {
      do throws(Malformed) {
        assertions.append(try Assertion(part.filter { $0 != " " && $0 != "\t" }))
      } catch {
        let place = parts.count == 1 ? "" : "assertion \(assertions.count + 1) of \(parts.count): "
        throw Malformed(description: place + error.description)
      }
    }
    return assertions
  }

  private init(_ text: String) throws(Malformed) {
    self.text = text
    guard let (comparison, range) = Self.comparison(in: text) else {
      throw Malformed(description: "'\(text)' compares nothing: write NAME<BOUND, such as p99<10ms")
    }
    name = String(text[..<range.lowerBound])
    guard let figure = Figure(name) else { throw .unknown(name) }
    self.figure = figure
    self.comparison = comparison
    limit = try Limit(text[range.upperBound...], of: figure)
  }

  /// A run without a restart could never fulfil it.
  public var needsRestart: Bool { figure.needsRestart || limit.figures.contains { $0.needsRestart } }

  /// Whether nothing that may still come can make it hold: a count that has passed its bound.
  public func isBroken(by figures: RunFigures) -> Bool {
    guard figure.onlyGrows, limit.figures.isEmpty, let value = figure.measured(in: figures),
      let bound = limit.measured(in: figures)
    else { return false }
    return switch comparison {
    case .equal, .atMost: value > bound
    case .below: value >= bound
    case .unequal, .atLeast, .above: false
    }
  }

  public func judge(_ figures: RunFigures) -> Outcome {
    let value = figure.measured(in: figures)
    let limit = limit.measured(in: figures)
    let holds: Bool
    if let value {
      holds = limit.map { comparison.holds(value, $0) } ?? false
    } else {
      holds = !figure.isExpected(in: figures)
    }
    return Outcome(
      text: text, value: value, limit: limit, isRelative: !self.limit.figures.isEmpty, isTime: figure.isTime,
      ok: holds)
  }

  private static func comparison(in text: String) -> (Comparison, Range<String.Index>)? {
    // Two signs before one: `<=` is not `<`.
    for comparison in Comparison.allCases {
      if let range = text.firstRange(of: comparison.rawValue) { return (comparison, range) }
    }
    return nil
  }
}

/// The right side of an assertion: figures and one constant, added up.
private struct Limit: Equatable, Sendable {
  private(set) var figures: [Figure] = []
  private var constant = 0.0

  init(_ text: Substring, of figure: Figure) throws(Assertion.Malformed) {
    for term in text.split(separator: "+", omittingEmptySubsequences: false) {
      if let other = Figure(String(term)) {
        guard other.isTime == figure.isTime else {
          throw .init(description: "'\(term)' is a \(other.kind), and cannot bound a \(figure.kind)")
        }
        figures.append(other)
      } else if let bound = Self.bound(term, of: figure) {
        constant += bound
      } else if term.first?.isLetter == true {
        throw .unknown(String(term))
      } else {
        throw .init(
          description: figure.isTime
            ? "'\(term)' is no time, such as 500us, 10ms or 2s"
            : "'\(term)' is no count, such as 0: what it bounds has no unit")
      }
    }
  }

  func measured(in run: RunFigures) -> Double? {
    figures.reduce(constant) { sum, figure in
      guard let sum, let value = figure.measured(in: run) else { return nil }
      return sum + value
    }
  }

  private static func bound(_ text: Substring, of figure: Figure) -> Double? {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let number = Double(digits) else { return nil }
    switch (text.dropFirst(digits.count), figure.isTime) {
    case ("", _), ("us", true), ("µs", true): return number
    case ("ms", true): return number * 1000
    case ("s", true): return number * 1_000_000
    default: return nil
    }
  }
}

extension Assertion.Malformed {
  fileprivate static func unknown(_ name: String) -> Self {
    Self(description: "'\(name)' is no figure: there are \(Figures.explanation)")
  }
}

extension Figure {
  fileprivate var kind: String { isTime ? "time" : "count" }
}
