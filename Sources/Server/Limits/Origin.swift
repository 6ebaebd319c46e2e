/// Where a page comes from, as its browser says (RFC 6454): scheme, host and port, compared exactly.
struct Origin: Hashable, Sendable {
  let scheme: String
  let host: String
  let port: UInt16

  /// Nil for what names no place: `null`, a path, a user, no host.
  init?(_ text: String) {
    guard let mark = text.firstRange(of: "://"), text.utf8.count <= 512 else { return nil }
    let scheme = text[..<mark.lowerBound].lowercased()
    guard let standard = Self.standardPort(of: scheme) else { return nil }
    let place = text[mark.upperBound...]
    guard !place.contains(where: { "/?#@\\ ".contains($0) }), place.allSatisfy(\.isASCII) else { return nil }
    var host = place
    var port = standard
    // The colons of an address in brackets are its own.
    let behind = place.lastIndex(of: "]").map { place.index(after: $0) } ?? place.startIndex
    if let colon = place[behind...].lastIndex(of: ":") {
      host = place[..<colon]
      let digits = place[place.index(after: colon)...]
      guard digits.allSatisfy(\.isNumber), let number = UInt16(digits), number > 0 else { return nil }
      port = number
    }
    if host.isEmpty || (!host.hasPrefix("[") && host.contains(":")) { return nil }
    self.scheme = scheme
    self.host = host.lowercased()
    self.port = port
  }

  private static func standardPort(of scheme: String) -> UInt16? {
    switch scheme {
    case "http", "ws": 80
    case "https", "wss": 443
    default: nil
    }
  }
}
