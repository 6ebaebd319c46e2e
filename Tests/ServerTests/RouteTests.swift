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
