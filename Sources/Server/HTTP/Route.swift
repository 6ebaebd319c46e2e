import FleetState
import WireProtocol

/// What a request is for. A pure table: method and words of the path in, one case out.
enum Route: Equatable {
  case webSocket(Hall, Manner)
  /// Somebody who comes under a name.
  case client(ClientID)
  case clients(ClientsRoute)
  case home
  case broadcast
  case health
  case readiness
  case metrics
  /// The path is known, the method is not what it takes.
  case wrongMethod(allow: String)
  case badQuery(String)
  case badName(String)
  case reservedName
  case unknown

  /// Trailing slashes make no difference.
  init(_ request: Request) {
    let words = request.target.segments.filter { !$0.isEmpty }
    switch words {
    case []: self = Self.reading(request, .home)
    case ["ws"]: self = Self.plainHall(request)
    case ["ws", "chat"]: self = .webSocket(.chat, .both)
    case _ where words.count == 2 && words[0] == "ws": self = Self.clientsHall(words[1])
    case _ where ["clients", "groups", "reconnect-token", "stats"].contains(words[0]):
      self = Self.aboutClients(request.method, words)
    case ["broadcast"]: self = request.method == .post ? .broadcast : .wrongMethod(allow: "POST")
    case ["healthz"], ["health"], ["livez"]: self = Self.reading(request, .health)
    case ["readyz"]: self = Self.reading(request, .readiness)
    case ["metrics"]: self = Self.reading(request, .metrics)
    default: self = .unknown
    }
  }

  private static func reading(_ request: Request, _ route: Route) -> Route {
    switch request.method {
    case .get, .head: route
    case .post, .put, .delete, .patch, .options, .other: .wrongMethod(allow: "GET, HEAD")
    }
  }

  private static func plainHall(_ request: Request) -> Route {
    guard let manner = Manner(mode: request.target.first("mode")) else {
      return .badQuery("mode is echo, chat or mirror")
    }
    return .webSocket(.ws, manner)
  }

  private static func clientsHall(_ name: String) -> Route {
    guard let client = ClientID(name) else { return .badName(badClient) }
    return client.isReserved ? .unknown : .client(client)
  }

  private static func aboutClients(_ method: Method, _ words: [String]) -> Route {
    do throws(ClientsRoute.Misfit) { return .clients(try ClientsRoute(method, words)) } catch {
      switch error {
      case .method(let allowed): return .wrongMethod(allow: allowed)
      case .client: return .badName(badClient)
      case .group: return .badName("a group's name is 1 to 64 of A-Z a-z 0-9 _ . -")
      case .key: return .badName("a key is 1 to 128 bytes without control characters")
      case .reserved: return .reservedName
      case .unknown: return .unknown
      }
    }
  }

  private static let badClient = "a client id is 1 to 64 bytes without blanks, slashes or control characters"
}
