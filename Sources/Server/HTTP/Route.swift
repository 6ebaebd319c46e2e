import FleetState
import WireProtocol

/// What a request is for. A pure table: method and words of the path in, one case out.
enum Route: Equatable {
  case webSocket(Hall, Manner)
  case home
  case broadcast
  case tasks(TaskDesk.Ask)
  case health
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
    case []: self = Self.reading(request, .home)
    case ["ws"]: self = Self.plainHall(request)
    case ["ws", "tasks"]: self = Self.tasksHall(request)
    case ["broadcast"]: self = request.method == .post ? .broadcast : .wrongMethod(allow: "POST")
    case ["healthz"], ["health"], ["livez"]: self = Self.reading(request, .health)
    case ["readyz"]: self = Self.reading(request, .readiness)
    case ["metrics"]: self = Self.reading(request, .metrics)
    default: self = Self.tasks(request, words) ?? .unknown
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

  /// The paths of ours, and those of an older project.
  private static func tasks(_ request: Request, _ words: [String]) -> Route? {
    switch words {
    case ["tasks"] where request.method == .post: return .tasks(.create)
    case ["tasks"]:
      let list = reading(request, .tasks(.list))
      return list == .tasks(.list) ? list : .wrongMethod(allow: "GET, HEAD, POST")
    case ["v1", "create-task"]:
      return request.method == .post ? .tasks(.create) : .wrongMethod(allow: "POST")
    case ["v1", "get_queue_length"]: return reading(request, .tasks(.length))
    case _: break
    }
    let isOne =
      words.count == 2 && words[0] == "tasks" || words.count == 3 && words.starts(with: ["v1", "tasks"])
    return isOne ? reading(request, .tasks(.one(words[words.count - 1]))) : nil
  }

  private static func plainHall(_ request: Request) -> Route {
    guard let manner = Manner(mode: request.target.first("mode")) else {
      return .badQuery("mode is echo, chat or mirror")
    }
    return .webSocket(.ws, manner)
  }
}
