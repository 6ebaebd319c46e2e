import EventLoop

/// The server under load, taken apart.
struct Target: Equatable {
  let url: String
  /// What the `Host` line says.
  let authority: String
  let host: String
  let port: UInt16
  /// Path and query.
  let path: String

  struct Malformed: Error, Equatable {
    let reason: String
  }

  static let standard = "ws://127.0.0.1:8000/ws?mode=echo"

  init(_ url: String) throws(Malformed) {
    self.url = url
    if url.hasPrefix("wss://") {
      throw Malformed(reason: "\(url): wss is not spoken yet; end TLS at a proxy and name its ws:// address")
    }
    guard url.hasPrefix("ws://") else {
      throw Malformed(reason: "'\(url)' is no WebSocket address: write ws://HOST:PORT/PATH")
    }
    let rest = url.dropFirst(5)
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    let authority = String(rest[..<end])
    let tail = String(rest[end...])
    path = tail.hasPrefix("/") ? tail : "/" + tail
    guard tail.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
      throw Malformed(reason: "'\(url)' has characters no address has; write them as %XX")
    }
    let hasPort = authority.hasSuffix("]") ? false : authority.contains(":")
    guard !authority.isEmpty,
      case .tcp(let host, let port)? = try? SocketAddress.parse(hasPort ? authority : authority + ":80")
    else { throw Malformed(reason: "'\(authority)' is no HOST:PORT") }
    self.authority = authority
    self.host = host
    self.port = port
  }

  /// Numeric addresses to connect to. A name is looked up, which blocks: before the loop runs.
  func addresses() -> [SocketAddress] {
    let numeric = host.allSatisfy { $0.isNumber || $0 == "." } || host.contains(":")
    let hosts = numeric ? [host] : NameLookup.addresses(of: host)
    return hosts.map { .tcp(host: $0, port: port) }
  }

  /// Loopback has as many addresses to come from as we like, each with its own ports.
  var isLoopback: Bool { host.hasPrefix("127.") }
}
