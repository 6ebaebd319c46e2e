import CommandLine
import FleetState

/// What a script was called for that goes past the supervisors, to the sockets themselves.
enum Errand: Equatable {
  case broadcast(String, Halls)
  case kick(ClientID)
  /// Lists the open ones, of one hall or of all.
  case sockets(Hall?)

  /// `nil` for a subcommand that is none.
  init?(_ command: String, _ words: [String], _ settings: Settings) throws(UsageError) {
    switch command {
    case "broadcast":
      guard let text = words.first, !text.isEmpty else { throw UsageError("there is no TEXT to broadcast") }
      self = .broadcast(text, Halls(settings[Options.halls]) ?? .all)
    case "kick":
      guard let client = words.first.flatMap({ ClientID($0) }) else {
        throw UsageError("CLIENT has to be a client's id: 1 to 64 bytes without white space and /")
      }
      self = .kick(client)
    case "sockets": self = .sockets(Hall(settings[Options.hall]))
    case _: return nil
    }
  }

  var word: String {
    switch self {
    case .broadcast: "broadcast"
    case .kick: "kick"
    case .sockets: "sockets"
    }
  }
}
