import EventLoop

/// The server under load, taken apart.
struct Target: Equatable {
  enum Place: Equatable {
    case tcp(host: String, port: UInt16)
    case unix(path: String)
  }

  let url: String
  /// What the `Host` line says.
  let authority: String
  let place: Place
  let isSecure: Bool
  /// Path and query.
  let path: String

  struct Malformed: Error, Equatable {
    let reason: String
  }

  static let standard = "ws://127.0.0.1:8000" + standardPath
  private static let standardPath = "/ws?mode=echo"
  private static let forms = "write ws://HOST:PORT/PATH, wss://HOST:PORT/PATH or ws+unix:/SOCKET:/PATH"

  init(_ url: String) throws(Malformed) {
    self.url = url
    let schemes = [("ws://", false), ("wss://", true)]
    if url.hasPrefix("ws+unix:") {
      isSecure = false
      authority = "localhost"
      (place, path) = try Self.unix(url)
    } else if let (scheme, isSecure) = schemes.first(where: { url.hasPrefix($0.0) }) {
      self.isSecure = isSecure
      (authority, place, path) = try Self.network(url.dropFirst(scheme.count), port: isSecure ? 443 : 80)
    } else {
      throw Malformed(reason: "'\(url)' is no WebSocket address: \(Self.forms)")
    }
    guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
      throw Malformed(reason: "'\(url)' has characters no address has; write them as %XX")
    }
  }

  /// The address that `--host` means: a server without a path is asked for the standard one.
  static func address(ofHost host: String) -> String {
    if host.isEmpty { return standard }
    guard let scheme = host.firstRange(of: "://"),
      !host[scheme.upperBound...].contains(where: { $0 == "/" || $0 == "?" })
    else { return host }
    return host + standardPath
  }

  private static func network(_ rest: Substring, port: UInt16) throws(Malformed) -> (String, Place, String) {
    let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
    let authority = String(rest[..<end])
    let tail = String(rest[end...])
    let hasPort = authority.hasSuffix("]") ? false : authority.contains(":")
    guard !authority.isEmpty,
      case .tcp(let host, let port)? = try? SocketAddress.parse(hasPort ? authority : "\(authority):\(port)")
    else { throw Malformed(reason: "'\(authority)' is no HOST:PORT") }
    return (authority, .tcp(host: host, port: port), tail.hasPrefix("/") ? tail : "/" + tail)
  }

  /// `ws+unix:/run/x.sock` or `ws+unix:/run/x.sock:/path`.
  private static func unix(_ url: String) throws(Malformed) -> (Place, String) {
    var rest = url.dropFirst("ws+unix:".count)
    while rest.hasPrefix("//") { rest = rest.dropFirst() }
    let parts = rest.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts[0].hasPrefix("/"), parts[0].utf8.count > 1, parts[0].utf8.count < 108 else {
      throw Malformed(reason: "'\(url)' names no socket: write ws+unix:/SOCKET:/PATH")
    }
    let path = parts.count > 1 ? String(parts[1]) : "/"
    guard path.hasPrefix("/") else {
      throw Malformed(reason: "'\(url)': what follows the socket's colon has to begin with /")
    }
    return (.unix(path: String(parts[0])), path)
  }

  /// Where to connect, all that the name stands for. Looking it up blocks: before the loop runs, and before the clock
  /// of the run does.
  func addresses() -> [SocketAddress] {
    switch place {
    case .unix(let path): return [.unix(path: path)]
    case .tcp(let host, let port):
      let numeric = host.allSatisfy { $0.isNumber || $0 == "." } || host.contains(":")
      let hosts = numeric ? [host] : NameLookup.addresses(of: host)
      return hosts.map { .tcp(host: $0, port: port) }
    }
  }

  /// As a certificate names it.
  var host: String {
    switch place {
    case .tcp(let host, _): authority.hasPrefix("localhost") ? "localhost" : host
    case .unix: "localhost"
    }
  }

  var hasSocketNumbers: Bool { path.contains("{socket}") }
}
