import FleetState
import WireProtocol

/// What a request is for. A pure table: method and words of the path in, one case out.
enum Route: Equatable {
  case webSocket(Hall, Manner)
  /// Somebody who comes under a name.
  case client(ClientID)
  case clients(ClientsRoute)
  /// The figures; the page for people is a file.
  case home
  case file(WebFile)
  case status
  case broadcast
  case tasks(TaskDesk.Ask)
  case admin(ControlCommand.Verb)
  case health
  /// Alive and willing in one word, for those who know the older path.
  case serviceHealth
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
    case "/": self = Self.home(request)
    case "/docs": self = Self.reading(request, .file(.docs))
    case "/openapi.json": self = Self.reading(request, .file(.openAPI))
    case "/client.js": self = Self.reading(request, .file(.client))
    case "/web/{file}":
      self = WebFile(rawValue: words[1]).map { Self.reading(request, .file($0)) } ?? .unknown
    case "/ws": self = Self.reading(request, Self.plainHall(request))
    case "/ws/chat": self = Self.reading(request, .webSocket(.chat, .both))
    case "/ws/tasks": self = Self.reading(request, Self.tasksHall(request))
    case "/ws/{client_id}": self = Self.reading(request, Self.clientsHall(words[1]))
    case "/broadcast": self = request.method == .post ? .broadcast : .wrongMethod(allow: "POST")
    case "/status": self = Self.reading(request, .status)
    case "/healthz", "/health", "/livez": self = Self.reading(request, .health)
    case "/v1/health": self = Self.reading(request, .serviceHealth)
    case "/readyz": self = Self.reading(request, .readiness)
    case "/metrics": self = Self.reading(request, .metrics)
    case "/admin/drain": self = Self.ordering(request, .drain)
    case "/admin/undrain": self = Self.ordering(request, .undrain)
    case "/admin/roll": self = Self.ordering(request, .roll)
    case "/admin/reload": self = Self.ordering(request, .reload)
    case "/tasks": self = Self.taskList(request)
    case "/v1/create-task": self = request.method == .post ? .tasks(.create) : .wrongMethod(allow: "POST")
    case "/v1/get_queue_length": self = Self.reading(request, .tasks(.length))
    case "/tasks/{task_id}": self = Self.reading(request, .tasks(.one(words[1])))
    case "/v1/tasks/{task_id}": self = Self.reading(request, .tasks(.one(words[2])))
    case _ where ["clients", "groups", "reconnect-token", "stats"].contains(words[0]):
      self = Self.aboutClients(request.method, words)
    default: self = .unknown
    }
  }

  private static func reading(_ request: Request, _ route: Route) -> Route {
    switch request.method {
    case .get, .head: route
    case .post, .put, .delete, .patch, .options, .other: .wrongMethod(allow: "GET, HEAD")
    }
  }

  private static func tasksHall(_ request: Request) -> Route {
    guard let task = request.target.first("task_id") else { return .webSocket(.tasks, .both) }
    return Name(task) == nil ? .badQuery("task_id is no name of a task") : .webSocket(.tasks, .both)
  }

  private static func taskList(_ request: Request) -> Route {
    if request.method == .post { return .tasks(.create) }
    let list = reading(request, .tasks(.list))
    return list == .tasks(.list) ? list : .wrongMethod(allow: "GET, HEAD, POST")
  }

  private static func ordering(_ request: Request, _ verb: ControlCommand.Verb) -> Route {
    request.method == .post ? .admin(verb) : .wrongMethod(allow: "POST")
  }

  private static func home(_ request: Request) -> Route {
    switch HomeForm(request) {
    case .figures: reading(request, .home)
    case .page: reading(request, .file(.page))
    case nil: .badQuery("format is json or html")
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
    return client.isReserved ? .reservedName : .client(client)
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
