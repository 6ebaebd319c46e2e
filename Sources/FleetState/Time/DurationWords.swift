extension Duration {
  /// For people: `850 µs`, `8.3 ms`, `2.1 s`, `90 s`.
  package var words: String {
    let (seconds, attoseconds) = components
    let micros = attoseconds / 1_000_000_000_000
    if seconds >= 10 { return "\(seconds) s" }
    if seconds > 0 { return Self.tenths(seconds * 10 + micros / 100_000) + " s" }
    if micros >= 10_000 { return "\(micros / 1000) ms" }
    if micros >= 1000 { return Self.tenths(micros / 100) + " ms" }
    return "\(max(micros, 0)) µs"
  }

  private static func tenths(_ count: Int64) -> String {
    count % 10 == 0 ? "\(count / 10)" : "\(count / 10).\(count % 10)"
  }
}
