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
  private let figure: Figure

  public struct Malformed: Error, Equatable, CustomStringConvertible {
    public let description: String
  }

  public struct Outcome: Equatable, Sendable {
    public let text: String
    /// 0 where nothing was measured.
    public let value: Double
    public let ok: Bool
    /// False for a time nobody could take, though there was reason to: such an assertion never holds.
    public let isMeasured: Bool
  }

  /// What a run is held to when nobody says otherwise.
  public static let standard =
    "opened==wanted && failed==0 && drops==0 && lost==0 && duplicated==0 && reordered==0 && corrupt==0"

  /// `drops==0 && p99<10ms`; `wanted` on the right is the number of sockets asked for.
  public static func read(_ text: String, wanted: Int) throws(Malformed) -> [Assertion] {
    let parts = text.split(separator: "&&", omittingEmptySubsequences: false)
    var assertions: [Assertion] = []
    for part in parts {
      do throws(Malformed) {
        assertions.append(try Assertion(part.filter { $0 != " " && $0 != "\t" }, wanted: wanted))
      } catch {
        let place = parts.count == 1 ? "" : "assertion \(assertions.count + 1) of \(parts.count): "
        throw Malformed(description: place + error.description)
      }
    }
    return assertions
  }

  private init(_ text: String, wanted: Int) throws(Malformed) {
    self.text = text
    guard let (comparison, range) = Self.comparison(in: text) else {
      throw Malformed(description: "'\(text)' compares nothing: write NAME<BOUND, such as p99<10ms")
    }
    let name = String(text[..<range.lowerBound])
    guard let figure = Figure(name) else {
      throw Malformed(
        description: "'\(name)' is no figure: there are \(Figures.names.joined(separator: ", "))")
    }
    let right = text[range.upperBound...]
    guard let bound = right == "wanted" ? Double(wanted) : Self.bound(right, of: figure) else {
      throw Malformed(
        description: figure.isTime
          ? "'\(right)' is no time, such as 500us, 10ms or 2s"
          : "'\(right)' is no count, such as 0: '\(name)' has no unit")
    }
    self.name = name
    self.figure = figure
    self.comparison = comparison
    self.bound = bound
  }

  public func judge(_ figures: RunFigures) -> Outcome {
    let value = figure.value(in: figures)
    let isMeasured = figure.isMeasured(in: figures)
    let holds =
      switch comparison {
      case .equal: value == bound
      case .unequal: value != bound
      case .atMost: value <= bound
      case .atLeast: value >= bound
      case .below: value < bound
      case .above: value > bound
      }
    return Outcome(text: text, value: value, ok: holds && isMeasured, isMeasured: isMeasured)
  }

  private static func comparison(in text: String) -> (Comparison, Range<String.Index>)? {
    // Two signs before one: `<=` is not `<`.
    for comparison in Comparison.allCases {
      if let range = text.firstRange(of: comparison.rawValue) { return (comparison, range) }
    }
    return nil
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
