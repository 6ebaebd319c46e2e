import JSONText
import Measurement

/// A comparison for people: a line a figure, the judgement last.
enum CompareText {
  static func text(_ comparison: Comparison, _ sides: [[SavedRun]]) -> String {
    var lines = warnings(sides).map { "wsload: \($0)" }
    lines.append(columns(["", "before", "now", "change", "99.5 % sure of", ""]))
    for row in comparison.rows {
      if row.unit == .count, row.first == 0, row.second == 0 { continue }
      lines.append(columns(cells(row)))
    }
    lines.append("")
    lines.append(comparison.judgement.rawValue.uppercased() + "  " + explanation(comparison.judgement, sides))
    return lines.joined(separator: "\n") + "\n"
  }

  /// Name, before, now, change, interval, judgement.
  static func cells(_ row: Comparison.Row) -> [String] {
    func shown(_ value: Double?) -> String {
      guard let value else { return "–" }
      switch row.unit {
      case .microseconds: return Number.time(microseconds: value)
      case .count: return Number.plain(value)
      }
    }
    let interval = row.interval.map { "\(percent($0.lowerBound)) to \(percent($0.upperBound))" } ?? ""
    let judgement = row.judgement == .unknown ? "too little to judge by" : row.judgement.rawValue
    return [
      row.name, shown(row.first), shown(row.second), row.ratio.map(percent) ?? "", interval, judgement,
    ]
  }

  /// What makes the comparison worth less than it looks.
  static func warnings(_ sides: [[SavedRun]]) -> [String] {
    var warnings: [String] = []
    let runs = sides.flatMap { $0 }
    for name in ["sockets", "rate", "send_rate", "size", "duration_s", "compression", "mode"] {
      let values = Set(runs.map { $0.json["plan"]?[name]?.text() ?? "–" })
      if values.count > 1 {
        warnings.append("the plans differ in \(name): \(values.sorted().joined(separator: ", "))")
      }
    }
    let machines = Set(runs.compactMap { $0.json["machine"]?["host"]?.string })
    if machines.count > 1 {
      warnings.append("they were made on different machines: \(machines.sorted().joined(separator: ", "))")
    }
    for run in runs where run.json["generator"]?["bottleneck"]?.bool == true {
      warnings.append("the generator was at its own limit in the run of \(run.started)")
    }
    return warnings
  }

  static func explanation(_ judgement: Comparison.Judgement, _ sides: [[SavedRun]]) -> String {
    let words =
      switch judgement {
      case .same: "no figure differs by more than chance and the tolerance"
      case .better: "something is better, and nothing is worse"
      case .worse: "something is worse"
      case .unknown: "the runs are too short, or have too few messages"
      }
    let hasOne = sides.contains { $0.count == 1 }
    return words
      + (hasOne && judgement != .unknown
        ? "; one run a side does not know how runs differ by themselves: give several, with commas" : "")
  }

  private static func percent(_ ratio: Double) -> String {
    let tenths = Int(((min(ratio, 1e6) - 1) * 1000).rounded())
    return "\(tenths < 0 ? "-" : "+")\(abs(tenths) / 10).\(abs(tenths) % 10) %"
  }

  private static func columns(_ cells: [String]) -> String {
    let widths = [13, 12, 12, 10, 22]
    var line = ""
    for (index, cell) in cells.enumerated() {
      let missing = index < widths.count ? max(0, widths[index] - cell.count) : 0
      let blanks = String(repeating: " ", count: missing)
      line += index == 0 ? "  " + cell + blanks : index < widths.count ? blanks + cell : "   " + cell
    }
    while line.last == " " { line.removeLast() }
    return line
  }
}
