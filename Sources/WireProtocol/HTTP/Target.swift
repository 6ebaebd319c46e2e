import Bytes

private let slash = UInt8(ascii: "/")
private let ampersand = UInt8(ascii: "&")
private let equals = UInt8(ascii: "=")

/// What a request is about: path and query, checked on arrival, decoded when asked for.
///
/// It shares the head's bytes. Two targets are equal when their heads are.
package struct Target: Equatable, Sendable {
  private let head: [UInt8]
  private let path: Range<Int>
  private let query: Range<Int>

  /// Origin form (`/path?query`), absolute form (`http://host/path?query`) or the `*` of OPTIONS.
  ///
  /// Every visible ASCII byte but `#` is taken: browsers leave `|`, `^` or `{` in a query as they are.
  init(head: [UInt8], range: Range<Int>) throws(HTTPError) {
    let bytes = head.span.extracting(range)
    for index in bytes.indices where !bytes[index].isVisible || bytes[index] == UInt8(ascii: "#") {
      throw .target
    }
    guard let start = Target.pathStart(bytes) else { throw .target }
    guard PercentEncoding.isSound(bytes) else { throw .percentEncoding }
    let mark = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.count
    self.head = head
    self.path = range.lowerBound + start..<range.lowerBound + mark
    self.query = min(range.lowerBound + mark + 1, range.upperBound)..<range.upperBound
  }

  /// Where the path begins; nil when `bytes` is no target of ours.
  private static func pathStart(_ bytes: Span<UInt8>) -> Int? {
    guard bytes.count > 0 else { return nil }
    if bytes[0] == slash || bytes.equals("*") { return 0 }
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes.count > colon + 3,
      bytes[colon + 1] == slash, bytes[colon + 2] == slash
    else { return nil }
    let scheme = bytes.extracting(first: colon)
    guard
      scheme.equalsIgnoringCase("http") || scheme.equalsIgnoringCase("https")
        || scheme.equalsIgnoringCase("ws") || scheme.equalsIgnoringCase("wss")
    else { return nil }
    var end = colon + 3
    while end < bytes.count, bytes[end] != slash, bytes[end] != UInt8(ascii: "?") { end += 1 }
    return end > colon + 3 ? end : nil
  }

  /// The path as it came; an absolute URL without one means the root.
  package var rawPath: String { path.isEmpty ? "/" : head.span.extracting(path).text }

  /// Path and query as they came: what a log line shows.
  package var raw: String {
    query.isEmpty ? rawPath : rawPath + "?" + head.span.extracting(query).text
  }

  /// The decoded words between the slashes: `/ws/chat/` and `/ws/chat` are both `["ws", "chat"]`. A slash that
  /// came as `%2F` is part of its word.
  package var segments: [String] {
    let bytes = head.span.extracting(path)
    var words: [String] = []
    var start = 1
    while start < bytes.count {
      let end = bytes.firstIndex(of: slash, from: start) ?? bytes.count
      words.append(PercentEncoding.text(bytes.extracting(start..<end), plusIsSpace: false))
      start = end + 1
    }
    return words
  }

  /// The `*` of OPTIONS: the server itself.
  var isAsterisk: Bool { path.count == 1 && head[path.lowerBound] != slash }

  package var hasTrailingSlash: Bool { path.count > 1 && head[path.upperBound - 1] == slash }

  /// The first value of a query item, `""` for one without `=`.
  package func first(_ name: String) -> String? {
    var found: String?
    forEachItem { key, value in
      if found == nil, key == name { found = value }
    }
    return found
  }

  /// Every value of a query item, in order.
  package func all(_ name: String) -> [String] {
    var found: [String] = []
    forEachItem { key, value in
      if key == name { found.append(value) }
    }
    return found
  }

  private func forEachItem(_ visit: (_ key: String, _ value: String) -> Void) {
    let bytes = head.span.extracting(query)
    var start = 0
    while start < bytes.count {
      let end = bytes.firstIndex(of: ampersand, from: start) ?? bytes.count
      let item = start..<end
      start = end + 1
      if item.isEmpty { continue }
      let split = min(bytes.firstIndex(of: equals, from: item.lowerBound) ?? end, end)
      let key = PercentEncoding.text(bytes.extracting(item.lowerBound..<split), plusIsSpace: true)
      let rest = min(split + 1, end)..<end
      let value = PercentEncoding.text(bytes.extracting(rest), plusIsSpace: true)
      visit(key, value)
    }
  }
}
