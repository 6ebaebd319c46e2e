import FleetState
import Testing
import WireProtocol

@testable import Server

@Suite struct RouteTests {
  @Test(
    "a path is a route, with and without its last slash",
    arguments: [
      ("GET /", Route.home), ("HEAD /", .home), ("GET /?format=json", .home),
      ("GET /ws", .webSocket(.ws, .both)), ("GET /ws/", .webSocket(.ws, .both)),
      ("GET /ws?mode=echo", .webSocket(.ws, .echo)),
      ("GET /ws/?mode=chat&notify=0", .webSocket(.ws, .others)),
      ("GET /ws?mode=mirror", .webSocket(.ws, .mirror)),
      ("GET /ws?mode=shout", .badQuery("mode is echo, chat or mirror")),
      ("POST /broadcast", .broadcast), ("GET /broadcast", .wrongMethod(allow: "POST")),
      ("GET /healthz", .health), ("GET /healthz/", .health), ("GET /health", .health),
      ("GET /livez", .health),
      ("GET /readyz/", .readiness), ("GET /metrics", .metrics),
      ("DELETE /metrics", .wrongMethod(allow: "GET, HEAD")),
      ("POST /tasks", .tasks(.create)), ("GET /tasks/", .tasks(.list)), ("GET /tasks/7f", .tasks(.one("7f"))),
      ("PUT /tasks", .wrongMethod(allow: "GET, HEAD, POST")), ("POST /v1/create-task/", .tasks(.create)),
      ("GET /v1/tasks/7f", .tasks(.one("7f"))), ("GET /v1/tasks", .unknown),
      ("POST /v1/get_queue_length/", .wrongMethod(allow: "GET, HEAD")),
      ("GET /v1/get_queue_length/", .tasks(.length)), ("GET /tasks/7f/more", .unknown),
      ("GET /ws/tasks/?task_id=7f", .webSocket(.tasks, .both)),
      ("GET /ws/tasks?task_id=a%20b", .badQuery("task_id is no name of a task")),
      ("GET /nowhere", .unknown), ("GET /ws/../readyz", .unknown),
    ])
  func route(_ line: String, _ route: Route) throws {
    var decoder = RequestDecoder()
    let head = Array("\(line) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    guard case .request(let request, _) = try decoder.decode(head.span) else {
      Issue.record("\(line) is no request")
      return
    }
    #expect(Route(request) == route)
  }
}
