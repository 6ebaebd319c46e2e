/// How a setting's text becomes a value, and what to tell who wrote something else.
package struct Kind<Value: Sendable>: Sendable {
  /// `a number from 1 to 1024`
  package let allowed: String
  package let read: @Sendable (String) -> Value?
  package let show: @Sendable (Value) -> String

  package init(
    allowed: String, read: @escaping @Sendable (String) -> Value?, show: @escaping @Sendable (Value) -> String
  ) {
    self.allowed = allowed
    self.read = read
    self.show = show
  }
}

extension Kind {
  /// The same, or the word `none`, which is nil.
  package func orNone() -> Kind<Value?> {
    Kind<Value?>(
      allowed: "\(allowed), or none",
      read: { text in text.lowercased() == "none" ? .some(.none) : read(text).map { .some($0) } },
      show: { $0.map(show) ?? "none" })
  }
}

extension Kind<Int> {
  package static func integer(_ range: ClosedRange<Int>) -> Kind {
    Kind(
      allowed: "a whole number \(Kind.words(range, { String($0) }))",
      read: { Int($0).flatMap { range.contains($0) ? $0 : nil } }, show: { String($0) })
  }

  /// Bytes: `64`, `4k`, `1MiB`. The steps are 1024.
  package static func size(_ range: ClosedRange<Int>) -> Kind {
    Kind(
      allowed: "a size \(Kind.words(range, Self.sizeText)), such as 512, 64k or 1MiB",
      read: { Self.size($0).flatMap { range.contains($0) ? $0 : nil } }, show: Self.sizeText)
  }

  private static func words(_ range: ClosedRange<Int>, _ show: (Int) -> String) -> String {
    range.upperBound == .max
      ? "of at least \(show(range.lowerBound))"
      : "from \(show(range.lowerBound)) to \(show(range.upperBound))"
  }

  private static func size(_ text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int(digits) else { return nil }
    let factor: Int
    switch text.dropFirst(digits.count).lowercased() {
    case "", "b": factor = 1
    case "k", "kb", "kib": factor = 1 << 10
    case "m", "mb", "mib": factor = 1 << 20
    case "g", "gb", "gib": factor = 1 << 30
    case _: return nil
    }
    let (product, overflow) = number.multipliedReportingOverflow(by: factor)
    return overflow ? nil : product
  }

  private static func sizeText(_ size: Int) -> String {
    for (factor, unit) in [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")]
    where size >= factor && size % factor == 0 {
      return "\(size / factor)\(unit)"
    }
    return String(size)
  }
}

extension Kind<Double> {
  package static func number(_ range: ClosedRange<Double>) -> Kind {
    Kind(
      allowed: "a number from \(Self.text(range.lowerBound)) to \(Self.text(range.upperBound))",
      read: { Double($0).flatMap { range.contains($0) ? $0 : nil } }, show: Self.text)
  }

  private static func text(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
  }
}

extension Kind<Duration> {
  /// `500ms`, `10s`, `5m`, `1h`; a bare number is seconds.
  package static func duration(_ range: ClosedRange<Duration>) -> Kind {
    Kind(
      allowed:
        "a time from \(text(range.lowerBound)) to \(text(range.upperBound)), such as 500ms, 10s, 5m or 1h",
      read: { Self.duration($0).flatMap { range.contains($0) ? $0 : nil } }, show: Self.text)
  }

  private static func duration(_ text: String) -> Duration? {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let number = Double(digits), number < 1e9 else { return nil }
    switch text.dropFirst(digits.count) {
    case "us", "µs": return .microseconds(number)
    case "ms": return .milliseconds(number)
    case "", "s": return .seconds(number)
    case "m", "min": return .seconds(number * 60)
    case "h": return .seconds(number * 3600)
    case "d": return .seconds(number * 86_400)
    case _: return nil
    }
  }

  private static func text(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    if attoseconds != 0 {
      let fraction = attoseconds / 1_000_000_000_000  // millionths, the finest we read
      return fraction % 1000 == 0
        ? "\(seconds * 1000 + fraction / 1000)ms" : "\(seconds * 1_000_000 + fraction)us"
    }
    for (factor, unit) in [(86_400, "d"), (3600, "h"), (60, "m")] as [(Int64, String)]
    where seconds >= factor && seconds % factor == 0 {
      return "\(seconds / factor)\(unit)"
    }
    return "\(seconds)s"
  }
}

extension Kind<Bool> {
  /// On the command line the name alone is enough, and `--no-name` says the opposite.
  package static let flag = Kind(
    allowed: "true or false",
    read: {
      switch $0.lowercased() {
      case "true", "yes", "on", "1": true
      case "false", "no", "off", "0": false
      case _: nil
      }
    }, show: { $0 ? "true" : "false" })
}

extension Kind<String> {
  package static let text = Kind(allowed: "a text", read: { $0 }, show: { $0 })

  package static func choice(_ words: [String]) -> Kind {
    Kind(
      allowed: words.joined(separator: ", "),
      read: { text in words.first { $0.lowercased() == text.lowercased() } }, show: { $0 })
  }
}
