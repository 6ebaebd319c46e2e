/// How a supervisor's process begins, as its guardian, or the supervisor before it, tells it.
struct SupervisorMode: Equatable {
  enum Kind: String {
    case first = "--as-supervisor"
    /// There may be workers of one before it.
    case follower = "--as-next-supervisor"
    /// The same, and the workers are to be replaced by this program's.
    case upgraded = "--as-upgraded-supervisor"
  }

  let kind: Kind
  /// The guardian's pid: names the server for as long as it lives.
  let server: Int32
  /// The command an upgrade answers.
  let command: String?

  init(_ kind: Kind, server: Int32, command: String?) {
    self.kind = kind
    self.server = server
    self.command = command
  }

  /// In front of the server's own arguments.
  var arguments: [String] { [kind.rawValue, "\(server)", command ?? "-"] }

  /// Nil: nobody's, so the arguments are a person's.
  init?(_ arguments: [String]) {
    guard arguments.count >= 3, let kind = Kind(rawValue: arguments[0]), let server = Int32(arguments[1])
    else {
      return nil
    }
    self.init(kind, server: server, command: arguments[2] == "-" ? nil : arguments[2])
  }

  static let count = 3
}
