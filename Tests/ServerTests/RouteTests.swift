import FleetState
import Testing

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
      ("OPTIONS /metrics", .wrongMethod(allow: "GET, HEAD")),
      ("GET /?format=html", .file(.page)), ("GET /?format=csv", .badQuery("format is json or html")),
      ("POST /?format=html", .wrongMethod(allow: "GET, HEAD")),
      ("GET /docs/", .file(.docs)), ("HEAD /openapi.json", .file(.openAPI)),
      ("GET /client.js", .file(.client)),
      ("GET /web/look.css", .file(.look)), ("GET /web/nothing", .unknown), ("GET /web", .unknown),
      ("GET /web/%2e%2e/x", .unknown), ("POST /web/look.css", .wrongMethod(allow: "GET, HEAD")),
      ("GET /status", .status), ("GET /v1/health/", .serviceHealth),
      ("POST /admin/drain", .admin(.drain)), ("POST /admin/undrain/", .admin(.undrain)),
      ("POST /admin/roll", .admin(.roll)), ("POST /admin/reload", .admin(.reload)),
      ("GET /admin/drain", .wrongMethod(allow: "POST")), ("POST /admin/kill", .unknown),
      ("POST /admin", .unknown), ("POST /ws", .wrongMethod(allow: "GET, HEAD")),
      ("HEAD /ws", .webSocket(.ws, .both)),
      ("GET /nowhere", .unknown), ("GET /ws/../readyz", .unknown),
    ])
  func route(_ line: String, _ route: Route) throws {
    #expect(try Route(asked(line)) == route)
  }
}
