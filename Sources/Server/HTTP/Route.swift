import FleetState
import WireProtocol

/// What a request is for. A pure table: method and words of the path in, one case out.
enum Route: Equatable {
  case webSocket(Hall, Manner)
  /// The figures; the page for people is a file.
  case home
  case file(WebFile)
  case status
  case broadcast
  case admin(ControlCommand.Verb)
  case health
  /// Alive and willing in one word, for those who know the older path.
  case serviceHealth
  case readiness
  case metrics
  /// The path is known, the method is not what it takes.
  case wrongMethod(allow: String)
  case badQuery(String)
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
    case "/ws": self = Self.plainHall(request)
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
    default: self = .unknown
    }
  }

  private static func reading(_ request: Request, _ route: Route) -> Route {
    switch request.method {
    case .get, .head: route
    case .post, .put, .delete, .patch, .options, .other: .wrongMethod(allow: "GET, HEAD")
    }
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
    // Without an upgrade GET is told what is missing; anything else was never a handshake.
    guard request.method == .get || request.method == .head else { return .wrongMethod(allow: "GET, HEAD") }
    guard let manner = Manner(mode: request.target.first("mode")) else {
      return .badQuery("mode is echo, chat or mirror")
    }
    return .webSocket(.ws, manner)
  }
}
