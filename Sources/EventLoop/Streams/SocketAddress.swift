import Bytes
import CLinux

/// Where to listen or to connect: a numeric address with a port, or a path.
package enum SocketAddress: Hashable, Sendable, CustomStringConvertible {
  case tcp(host: String, port: UInt16)
  case unix(path: String)

  package struct Malformed: Error, Equatable, CustomStringConvertible {
    package let description: String
  }

  /// `127.0.0.1:8000`, `[::1]:8000`, `localhost:8000`, `:8000` and `8000` (both loopback), `unix:/path` or `/path`.
  package static func parse(_ text: String) throws(Malformed) -> SocketAddress {
    if text.hasPrefix("unix:") && text.utf8.count > 5 { return .unix(path: String(text.dropFirst(5))) }
    if text.hasPrefix("/") { return .unix(path: text) }
    let colon = text.lastIndex(of: ":")
    let host = colon.map { String(text[..<$0]) } ?? ""
    let digits = colon.map { text[text.index(after: $0)...] } ?? text[...]
    // `UInt16` alone would take "+80".
    guard digits.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let port = UInt16(digits) else {
      throw Malformed(
        description: "'\(printable(text))' is no address: expected HOST:PORT, such as 127.0.0.1:8000")
    }
    if host.hasPrefix("[") && host.hasSuffix("]") {
      return .tcp(host: String(host.dropFirst().dropLast()), port: port)
    }
    if host.contains(":") {
      throw Malformed(
        description: "'\(printable(text))' is no address: an IPv6 host goes in brackets, such as [::1]:8000")
    }
    switch host {
    case "", "localhost": return .tcp(host: "127.0.0.1", port: port)
    case "*": return .tcp(host: "0.0.0.0", port: port)
    default: return .tcp(host: host, port: port)
    }
  }

  /// Reaches nobody but this machine.
  package var isLoopback: Bool {
    switch self {
    // Digits and dots only: `127.example.org` is a name, and anybody's.
    case .tcp(let host, _):
      host.hasPrefix("127.") && host.utf8.allSatisfy({ $0 &- 0x30 < 10 || $0 == 0x2E }) || host == "::1"
    case .unix: true
    }
  }

  package var port: UInt16? {
    if case .tcp(_, let port) = self { return port }
    return nil
  }

  package var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): path
    }
  }
}

/// Names to numbers. It blocks, so it is used before a loop runs, never on it.
package enum NameLookup {
  package static func addresses(of name: String) -> [String] {
    var found: [String] = []
    for index in 0..<32 {
      var text = [CChar](repeating: 0, count: 64)
      // SAFETY: the buffer's true size is passed along.
      let length = unsafe clinux_resolve(name, Int32(index), &text, text.count)
      if length < 0 { break }
      found.append(String(decoding: text.prefix(Int(length)).map(UInt8.init(bitPattern:)), as: UTF8.self))
    }
    return found
  }
}
