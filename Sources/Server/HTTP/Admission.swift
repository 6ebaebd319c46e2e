import TLS

/// Who may use the routes that reach beyond the caller's own socket.
enum Admission: Equatable {
  /// Only this machine can connect, and no token was set.
  case open
  case token(String)
  /// Anyone could connect and there is no token: nobody may.
  case closed

  enum Judgement: Equatable {
    case welcome, unknown, closed
    /// A page from elsewhere, in a browser of this machine.
    case foreign
  }

  init(token: String?, listensPublicly: Bool) {
    if let token, !token.isEmpty {
      self = .token(token)
    } else {
      self = listensPublicly ? .closed : .open
    }
  }

  /// `origin` and `host` as the request says them. Whoever bears the token is welcome from anywhere; without one, a
  /// page that this machine's browser has open must not reach what only this machine may.
  func judge(_ authorization: String?, origin: String? = nil, host: String? = nil) -> Judgement {
    switch self {
    case .open: return origin.map { Self.isOwnPage($0, host) } ?? true ? .welcome : .foreign
    case .closed: return .closed
    case .token(let token):
      guard let authorization, authorization.utf8.count < 4096 else { return .unknown }
      let words = authorization.split(separator: " ", maxSplits: 1)
      guard words.count == 2, words[0].lowercased() == "bearer" else { return .unknown }
      let given = Array(words[1].utf8)
      return ConstantTime.equal(given.span, Array(token.utf8).span) ? .welcome : .unknown
    }
  }

  /// Our own page, called by a name that nobody else can have: a stranger's name may lead here, too.
  private static func isOwnPage(_ origin: String, _ host: String?) -> Bool {
    guard let page = Origin(origin), let host, let called = Origin("\(page.scheme)://\(host)") else {
      return false
    }
    let isHere =
      page.host == "localhost" || page.host == "[::1]"
      || page.host.hasPrefix("127.") && page.host.allSatisfy { $0.isNumber || $0 == "." }
    return isHere && page == called
  }
}
