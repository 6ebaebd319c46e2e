/// `NAME=value` lines, as in `.env` and in a config file: comments, blank lines, quotes, an optional `export`.
package struct SettingsFile: Equatable, Sendable {
  package let values: [String: String]

  package init(_ text: String, name: String) throws(UsageError) {
    var values: [String: String] = [:]
    var number = 0
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      number += 1
      var rest = Self.trimmed(line)
      if rest.isEmpty || rest.hasPrefix("#") { continue }
      if rest.hasPrefix("export ") { rest = Self.trimmed(rest.dropFirst(7)) }
      guard let equals = rest.firstIndex(of: "=") else {
        throw UsageError("\(name) line \(number): expected NAME=value")
      }
      let key = Self.trimmed(rest[..<equals])
      guard !key.isEmpty,
        key.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") })
      else { throw UsageError("\(name) line \(number): \(quoted(String(key))) is no name of a setting") }
      guard let value = Self.unquoted(Self.trimmed(rest[rest.index(after: equals)...])) else {
        throw UsageError("\(name) line \(number): a quote is not closed")
      }
      values[String(key)] = value
    }
    self.values = values
  }

  private static func unquoted(_ text: Substring) -> String? {
    guard let quote = text.first, quote == "\"" || quote == "'" else {
      // ` #` begins a comment, `#` alone may be part of a value.
      guard let comment = text.firstRange(of: " #") else { return String(text) }
      return String(trimmed(text[..<comment.lowerBound]))
    }
    let body = text.dropFirst()
    guard let end = body.firstIndex(of: quote) else { return nil }
    return String(body[..<end])
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while let first = text.first, first == " " || first == "\t" || first == "\r" { text.removeFirst() }
    while let last = text.last, last == " " || last == "\t" || last == "\r" { text.removeLast() }
    return text
  }
}
