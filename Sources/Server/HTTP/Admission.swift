import TLS

/// Who may use the routes that reach beyond the caller's own socket.
enum Admission: Equatable {
  /// Only this machine can connect, and no token was set.
  case open
  case token(String)
  /// Anyone could connect and there is no token: nobody may.
  case closed

  enum Judgement: Equatable { case welcome, unknown, closed }

  init(token: String?, listensPublicly: Bool) {
    if let token, !token.isEmpty {
      self = .token(token)
    } else {
      self = listensPublicly ? .closed : .open
    }
  }

  func judge(_ authorization: String?) -> Judgement {
    switch self {
    case .open: return .welcome
    case .closed: return .closed
    case .token(let token):
      guard let authorization, authorization.utf8.count < 4096 else { return .unknown }
      let words = authorization.split(separator: " ", maxSplits: 1)
      guard words.count == 2, words[0].lowercased() == "bearer" else { return .unknown }
      let given = Array(words[1].utf8)
      return ConstantTime.equal(given.span, Array(token.utf8).span) ? .welcome : .unknown
    }
  }
}
