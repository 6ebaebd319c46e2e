/// Figures and sentences as people read them.
package enum Words {
  /// `12,345`
  package static func grouped(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return (value < 0 ? "-" : "") + text
  }

  /// `950`, `12.3k`, `4.5M`: at most five letters.
  package static func short(_ value: Double) -> String {
    guard value.isFinite else { return "-" }
    for (factor, unit) in [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")]
    where abs(value) >= factor * 0.99995 {
      return decimal(value / factor, digits: abs(value) >= factor * 100 ? 0 : 1) + unit
    }
    // 999.7 would be rounded up to the next unit.
    if abs(value) >= 999.5 { return decimal(value / 1000, digits: 1) + "k" }
    return decimal(value, digits: value == value.rounded() || abs(value) >= 10 ? 0 : 1)
  }

  /// `4.5 MiB`
  package static func bytes(_ value: Double) -> String {
    guard value.isFinite else { return "-" }
    for (factor, unit) in [
      (1_099_511_627_776, "TiB"), (1_073_741_824, "GiB"), (1_048_576, "MiB"), (1024, "KiB"),
    ]
      as [(Double, String)] where abs(value) >= factor * 0.9995
    {
      return decimal(value / factor, digits: 1) + " " + unit
    }
    return decimal(value, digits: 0) + " B"
  }

  /// `850 µs`, `12.3 ms`, `557 ms`, `1.2 s`
  package static func time(microseconds value: Double) -> String {
    guard value.isFinite else { return "-" }
    if value < 999.5 { return decimal(value, digits: 0) + " µs" }
    if value >= 99_950, value < 999_500 { return decimal(value / 1000, digits: 0) + " ms" }
    if value < 99_950 { return decimal(value / 1000, digits: 1) + " ms" }
    return decimal(value / 1_000_000, digits: 1) + " s"
  }

  /// `12s`, `3m 05s`, `2h 10m`, `4d 3h`
  package static func duration(seconds: Int) -> String {
    let seconds = max(0, seconds)
    if seconds < 60 { return "\(seconds)s" }
    if seconds < 3600 { return "\(seconds / 60)m \(two(seconds % 60))s" }
    if seconds < 86_400 { return "\(seconds / 3600)h \(two(seconds / 60 % 60))m" }
    return "\(seconds / 86_400)d \(seconds / 3600 % 24)h"
  }

  /// Lines of at most `width` cells, broken between words where possible.
  package static func wrap(_ text: String, width: Int) -> [String] {
    guard width > 0 else { return [] }
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      var rest = word
      if !line.isEmpty, displayWidth(line) + 1 + displayWidth(rest) > width {
        lines.append(line)
        line = ""
      }
      while displayWidth(rest) > width, rest.count > 1 {
        let head = head(of: rest, width: width)
        lines.append(String(head))
        rest = rest.dropFirst(head.count)
      }
      line += (line.isEmpty ? "" : " ") + rest
    }
    lines.append(line)
    return lines
  }

  /// Text too long for `width` cells ends in a sign that it does.
  package static func cut(_ text: some StringProtocol, width: Int) -> String {
    if displayWidth(text) <= width { return String(text) }
    if width <= 0 { return "" }
    var kept = String.UnicodeScalarView()
    var used = 0
    for scalar in text.unicodeScalars {
      let next = displayWidth(scalar)
      if used + next > width - 1 { break }
      kept.append(scalar)
      used += next
    }
    return String(kept) + "…"
  }

  /// The first characters that `width` cells hold; at least one, so that there is an end to it.
  private static func head(of text: Substring, width: Int) -> Substring {
    var used = 0
    var count = 0
    for character in text {
      used += displayWidth(String(character))
      if used > width { break }
      count += 1
    }
    return text.prefix(max(count, 1))
  }

  private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

  private static func decimal(_ value: Double, digits: Int) -> String {
    guard abs(value) < 1e15 else { return "\(value)" }
    if digits == 0 { return String(Int(value.rounded())) }
    let tenths = Int((value * 10).rounded())
    return "\(tenths < 0 ? "-" : "")\(abs(tenths / 10)).\(abs(tenths % 10))"
  }
}
