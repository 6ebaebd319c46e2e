/// Where a webhook goes: `http://HOST[:PORT]/PATH?QUERY`, or https. No user, no fragment, no blank.
package struct WebhookURL: Equatable, Sendable {
  package let isSecure: Bool
  /// A name in lower case or an address, without brackets.
  package let host: String
  package let port: UInt16
  package let path: String

  private static let longest = 2048

  /// Nil for anything else: what two readers could read in two ways is refused.
  package init?(_ text: String) {
    guard text.utf8.count <= Self.longest,
      text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") && $0 != UInt8(ascii: "\\") })
    else { return nil }
    let lower = text.lowercased()
    let rest: Substring
    if lower.hasPrefix("http://") {
      isSecure = false
      rest = text.dropFirst(7)
    } else if lower.hasPrefix("https://") {
      isSecure = true
      rest = text.dropFirst(8)
    } else {
      return nil
    }
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    guard let place = HostAndPort(String(rest[..<end])) else { return nil }
    host = place.host
    port = place.port ?? (isSecure ? 443 : 80)
    let tail = rest[end...]
    path = tail.hasPrefix("/") ? String(tail) : "/" + tail
  }

  /// What the `Host` field says: the port only where it is not the scheme's own.
  package var authority: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
  }

  package var text: String { "\(isSecure ? "https" : "http")://\(authority)\(path)" }
}
