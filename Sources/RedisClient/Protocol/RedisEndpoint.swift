package import EventLoop
import FleetState

/// Where Redis is and how to get in. Printing it never prints the password.
package struct RedisEndpoint: Hashable, Sendable, CustomStringConvertible {
  package enum Place: Hashable, Sendable {
    case tcp(host: String, port: UInt16, tls: Bool)
    case unix(path: String)
  }

  package var place: Place
  package var user: String?
  package var password: String?
  package var database: Int
  /// `rediss` only: a PEM file with whom to trust, instead of those the system trusts.
  package var authority: String?

  package struct Malformed: Error, Equatable, CustomStringConvertible {
    package let description: String
  }

  package init(
    _ place: Place, user: String? = nil, password: String? = nil, database: Int = 0, authority: String? = nil
  ) {
    self.place = place
    self.user = user
    self.password = password
    self.database = database
    self.authority = authority
  }

  /// `redis://[user[:password]@]host[:port][/db]`, `rediss://…[?ca=/file.pem]`, `unix://[user[:password]@]/path[?db=n]`,
  /// `unix:/path`, or a path.
  package init(parsing text: String) throws(Malformed) {
    if text.hasPrefix("/") {
      self.init(.unix(path: text))
      return
    }
    if text.hasPrefix("unix:/"), !text.hasPrefix("unix://") {
      try self.init(path: text.dropFirst("unix:".count))
      return
    }
    guard let mark = text.firstRange(of: "://") else {
      throw Malformed(description: Self.wrong("it has no scheme"))
    }
    let rest = text[mark.upperBound...]
    switch text[..<mark.lowerBound] {
    case "redis": try self.init(network: rest, tls: false)
    case "rediss": try self.init(network: rest, tls: true)
    case "unix", "redis+unix": try self.init(path: rest)
    case let scheme: throw Malformed(description: Self.wrong("'\(scheme)' is no scheme of ours"))
    }
  }

  package var description: String { text(secret: password == nil ? nil : "***") }

  /// With the password: for a program that has to connect, never for people.
  package var url: String { text(secret: password.map { percentEncoded($0) }) }

  /// The name the certificate has to be good for; nil without TLS.
  package var tlsHost: String? {
    switch place {
    case .tcp(let host, _, let tls): tls ? host : nil
    case .unix: nil
    }
  }

  /// Of a host that has a name: it has to be looked up each time, for it may be elsewhere by then.
  package var named: (host: String, port: UInt16)? {
    guard case .tcp(let host, let port, _) = place, host != "localhost", !NumericHost.isNumeric(host) else {
      return nil
    }
    return (host, port)
  }

  /// The addresses to try, unless it is `named`.
  package func addresses() -> [SocketAddress] {
    switch place {
    case .unix(let path): [.unix(path: path)]
    case .tcp("localhost", let port, _):
      [.tcp(host: "127.0.0.1", port: port), .tcp(host: "::1", port: port)]
    case .tcp(let host, let port, _): [.tcp(host: host, port: port)]
    }
  }

  private func text(secret: String?) -> String {
    var login = user.map { percentEncoded($0) } ?? ""
    if let secret { login += ":" + secret }
    if !login.isEmpty { login += "@" }
    switch place {
    case .tcp(let host, let port, let tls):
      let shown = host.contains(":") ? "[\(host)]" : host
      return "\(tls ? "rediss" : "redis")://\(login)\(shown):\(port)/\(database)"
        + (authority.map { "?ca=\(percentEncoded($0))" } ?? "")
    case .unix(let path):
      let shown = path.split(separator: "/", omittingEmptySubsequences: false)
        .map { percentEncoded(String($0)) }.joined(separator: "/")
      return "unix://\(login)\(shown)" + (database == 0 ? "" : "?db=\(database)")
    }
  }

  // MARK: Parsing

  private init(network text: Substring, tls: Bool) throws(Malformed) {
    let (login, rest) = Self.splitLogin(text)
    let address = rest.prefix { $0 != "/" && $0 != "?" }
    let (host, port) = try Self.hostAndPort(address)
    let tail = rest[address.endIndex...]
    let path = tail.hasPrefix("/") ? tail.dropFirst() : tail
    let number = path.prefix { $0 != "?" }
    self.init(
      .tcp(host: host, port: port, tls: tls), database: try Self.database(number.isEmpty ? "0" : number))
    try logIn(login)
    guard tls else { return }
    for item in path.dropFirst(number.count + 1).split(separator: "&") where item.hasPrefix("ca=") {
      guard let file = percentDecoded(item.dropFirst(3)), file.hasPrefix("/") else {
        throw Malformed(description: Self.wrong("ca needs an absolute path"))
      }
      authority = file
    }
  }

  private init(path text: Substring) throws(Malformed) {
    let (login, rest) = Self.splitLogin(text)
    let path = rest.prefix { $0 != "?" }
    guard path.hasPrefix("/"), let decoded = percentDecoded(path) else {
      throw Malformed(description: Self.wrong("a Unix socket needs an absolute path"))
    }
    var database = 0
    for item in rest.dropFirst(path.count + 1).split(separator: "&") where item.hasPrefix("db=") {
      database = try Self.database(item.dropFirst(3))
    }
    self.init(.unix(path: decoded), database: database)
    try logIn(login)
  }

  private mutating func logIn(_ login: Substring?) throws(Malformed) {
    guard let login else { return }
    let parts = login.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let name = parts.first.flatMap({ percentDecoded($0) }) else {
      throw Malformed(description: Self.wrong("the user is not properly percent-encoded"))
    }
    if parts.count == 2 {
      guard let secret = percentDecoded(parts[1]) else {
        throw Malformed(description: Self.wrong("the password is not properly percent-encoded"))
      }
      password = secret.isEmpty ? nil : secret
    }
    user = name.isEmpty ? nil : name
  }

  private static func splitLogin(_ text: Substring) -> (login: Substring?, rest: Substring) {
    // A path may hold an @; a login ends before the first slash.
    let authority = text.prefix { $0 != "/" }
    guard let at = authority.lastIndex(of: "@") else { return (nil, text) }
    return (text[..<at], text[text.index(after: at)...])
  }

  private static func hostAndPort(_ text: Substring) throws(Malformed) -> (String, UInt16) {
    var host = text
    var digits: Substring = "6379"
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else {
        throw Malformed(description: wrong("a bracket is open"))
      }
      host = text[text.index(after: text.startIndex)..<end]
      let rest = text[text.index(after: end)...]
      if rest.hasPrefix(":") { digits = rest.dropFirst() }
    } else if let colon = text.lastIndex(of: ":") {
      host = text[..<colon]
      digits = text[text.index(after: colon)...]
    }
    guard let port = UInt16(digits), port > 0 else {
      throw Malformed(description: wrong("'\(digits)' is no port"))
    }
    return (host.isEmpty ? "127.0.0.1" : String(host), port)
  }

  private static func database(_ text: Substring) throws(Malformed) -> Int {
    guard let number = Int(text), (0...1_000_000).contains(number) else {
      throw Malformed(description: wrong("'\(text)' is no database number"))
    }
    return number
  }

  // The text itself is left out: it may hold the password.
  private static func wrong(_ reason: String) -> String {
    "no Redis address: \(reason); expected redis://[user:password@]host[:port][/db] or unix:///path"
  }
}
