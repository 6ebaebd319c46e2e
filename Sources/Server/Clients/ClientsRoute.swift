import FleetState
import WireProtocol

/// The routes about clients and their groups (CONTRACT 2). A pure table, like `Route`.
enum ClientsRoute: Equatable {
  case token(ClientID)
  case stats
  case describe(ClientID)
  case forget(ClientID)
  case message(ClientID)
  case data(ClientID, DataKey, Access)
  case groups
  case members(Name)
  case join(Name, ClientID)
  case leave(Name, ClientID)
  case tell(Name)

  enum Access: Equatable { case read, write, remove }

  /// Why a path that looks like one of these is none.
  enum Misfit: Error, Equatable {
    case method(allow: String)
    case client, group, key
    /// A name that means something else on the WebSocket side.
    case reserved
    case unknown
  }

  /// Of the words of a path, for `clients`, `groups`, `reconnect-token` and `stats`.
  init(_ method: Method, _ words: [String]) throws(Misfit) {
    switch words.count {
    case 1 where words[0] == "stats": self = try Self.of(method, [(.get, .stats)])
    case 1 where words[0] == "groups": self = try Self.of(method, [(.get, .groups)])
    case 2 where words[0] == "reconnect-token":
      self = try Self.of(method, [(.post, .token(Self.client(words[1])))])
    case 2 where words[0] == "clients":
      let id = try Self.client(words[1])
      self = try Self.of(method, [(.get, .describe(id)), (.delete, .forget(id))])
    case 3 where words[0] == "clients" && words[2] == "messages":
      self = try Self.of(method, [(.post, .message(Self.client(words[1])))])
    case 4 where words[0] == "clients" && words[2] == "data":
      let id = try Self.client(words[1])
      guard let key = DataKey(words[3]) else { throw .key }
      self = try Self.of(
        method,
        [(.get, .data(id, key, .read)), (.put, .data(id, key, .write)), (.delete, .data(id, key, .remove))])
    case 2 where words[0] == "groups":
      self = try Self.of(method, [(.get, .members(Self.group(words[1])))])
    case 3 where words[0] == "groups" && words[2] == "messages":
      self = try Self.of(method, [(.post, .tell(Self.group(words[1])))])
    case 4 where words[0] == "groups" && words[2] == "members":
      let (group, id) = (try Self.group(words[1]), try Self.client(words[3]))
      self = try Self.of(method, [(.put, .join(group, id)), (.delete, .leave(group, id))])
    default: throw .unknown
    }
  }

  /// Only reads of what everybody may know are free (CONTRACT 2).
  var isGuarded: Bool {
    switch self {
    case .stats: false
    case .token, .describe, .forget, .message, .data, .groups, .members, .join, .leave, .tell: true
    }
  }

  /// `HEAD` is answered where `GET` is.
  private static func of(_ method: Method, _ routes: [(Method, ClientsRoute)]) throws(Misfit) -> ClientsRoute
  {
    let wanted = method == .head ? .get : method
    if let (_, route) = routes.first(where: { $0.0 == wanted }) { return route }
    let names = routes.map { $0.0 == .get ? "GET, HEAD" : $0.0.name }
    throw .method(allow: names.joined(separator: ", "))
  }

  private static func client(_ word: String) throws(Misfit) -> ClientID {
    guard let id = ClientID(word) else { throw .client }
    if id.isReserved { throw .reserved }
    return id
  }

  private static func group(_ word: String) throws(Misfit) -> Name {
    guard let group = Name(word) else { throw .group }
    return group
  }
}

extension ClientID {
  /// What stands behind `/ws/` and is no client's name: routes of their own (CONTRACT 1), and what sessions of `sluice.v1`
  /// are called.
  var isReserved: Bool { text == "chat" || text == "tasks" || text.utf8.first == UInt8(ascii: "~") }
}

/// The name of one piece of user data: 1 to 128 bytes without control characters.
struct DataKey: Hashable {
  let text: String

  static let longest = 128

  init?(_ text: String) {
    guard !text.isEmpty, text.utf8.count <= Self.longest,
      text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
    else { return nil }
    self.text = text
  }

  /// Its field in the client's record.
  var field: String { "d:" + text }
}
