/// `NAME=value` lines, as in `.env` and in a config file: comments, blank lines, quotes, an optional `export`.
package struct SettingsFile: Equatable, Sendable {
  /// Of each name all that is said, in order: some settings may be given several times.
  package let values: [String: [String]]

  /// Whoever reads one needs to read no more than a byte beyond.
  package static let mostBytes = 1 << 20

  /// What lies on disk: taken as a whole or not at all.
  package init(_ bytes: [UInt8], name: String) throws(UsageError) {
    if bytes.count > Self.mostBytes { throw UsageError("\(name): more than 1 MiB is no file of settings") }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let sound = bytes.split(separator: 10, omittingEmptySubsequences: false).prefix {
        String(validating: $0, as: UTF8.self) != nil
      }
      throw UsageError("\(name) line \(sound.count + 1): not UTF-8")
    }
    try self.init(text, name: name)
  }

  package init(_ text: String, name: String) throws(UsageError) {
    var values: [String: [String]] = [:]
    var number = 0
    for line in Self.lines(of: text) {
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
      switch Self.read(Self.trimmed(rest[rest.index(after: equals)...])) {
      case .value(let value): values[String(key), default: []].append(value)
      case .mistake(let what): throw UsageError("\(name) line \(number): \(what)")
      }
    }
    self.values = values
  }

  private enum Reading {
    case value(String)
    case mistake(String)
  }

  private static func read(_ text: Substring) -> Reading {
    guard let quote = text.first, quote == "\"" || quote == "'" else {
      // ` #` begins a comment, `#` alone may be part of a value.
      guard let comment = text.firstRange(of: " #") else { return .value(String(text)) }
      return .value(String(trimmed(text[..<comment.lowerBound])))
    }
    let body = text.dropFirst()
    guard let end = body.firstIndex(of: quote) else { return .mistake("a quote is not closed") }
    let rest = trimmed(body[body.index(after: end)...])
    guard rest.isEmpty || rest.hasPrefix("#") else { return .mistake("something follows the closing quote") }
    return .value(String(body[..<end]))
  }

  /// To Swift a carriage return and the line feed behind it are one character, and not `\n`.
  private static func lines(of text: String) -> [Substring] {
    text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while let first = text.first, first == " " || first == "\t" || first == "\r" { text.removeFirst() }
    while let last = text.last, last == " " || last == "\t" || last == "\r" { text.removeLast() }
    return text
  }
}
