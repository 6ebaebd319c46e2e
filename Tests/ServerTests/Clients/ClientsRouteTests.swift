import Bytes
import FleetState
import Testing
import WireProtocol

@testable import Server

@Suite struct ClientsRouteTests {
  private static func route(_ line: String) throws -> Route? {
    var decoder = RequestDecoder()
    let head = Array("\(line) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    guard case .request(let request, _) = try decoder.decode(head.span) else { return nil }
    return Route(request)
  }

  @Test("each path is its route, with and without the last slash", arguments: ["", "/"])
  func paths(_ slash: String) throws {
    let ada = try #require(ClientID("ada@x.org"))
    let red = try #require(Name("red"))
    let key = try #require(DataKey("a/b"))
    let routes: [(String, Route)] = [
      ("GET /ws/ada@x.org", .client(ada)), ("GET /ws/chat", .webSocket(.chat, .both)),
      ("POST /reconnect-token/ada%40x.org", .clients(.token(ada))), ("GET /stats", .clients(.stats)),
      ("HEAD /stats", .clients(.stats)), ("GET /clients/ada@x.org", .clients(.describe(ada))),
      ("DELETE /clients/ada@x.org", .clients(.forget(ada))),
      ("POST /clients/ada@x.org/messages", .clients(.message(ada))),
      ("GET /clients/ada@x.org/data/a%2Fb", .clients(.data(ada, key, .read))),
      ("PUT /clients/ada@x.org/data/a%2Fb", .clients(.data(ada, key, .write))),
      ("DELETE /clients/ada@x.org/data/a%2Fb", .clients(.data(ada, key, .remove))),
      ("GET /groups", .clients(.groups)), ("GET /groups/red", .clients(.members(red))),
      ("PUT /groups/red/members/ada@x.org", .clients(.join(red, ada))),
      ("DELETE /groups/red/members/ada@x.org", .clients(.leave(red, ada))),
      ("POST /groups/red/messages", .clients(.tell(red))),
    ]
    for (line, route) in routes { #expect(try Self.route(line + slash) == route, "\(line)") }
  }

  @Test(
    "what cannot be says why",
    arguments: [
      ("POST /stats", Route.wrongMethod(allow: "GET, HEAD")),
      ("GET /reconnect-token/a", .wrongMethod(allow: "POST")),
      ("PUT /clients/a", .wrongMethod(allow: "GET, HEAD, DELETE")),
      ("POST /clients/a/data/k", .wrongMethod(allow: "GET, HEAD, PUT, DELETE")),
      ("GET /groups/g/members/a", .wrongMethod(allow: "PUT, DELETE")), ("GET /clients/chat", .reservedName),
      ("POST /reconnect-token/tasks", .reservedName), ("GET /clients", .unknown),
      ("GET /clients/a/b", .unknown),
      ("GET /groups/g/h", .unknown), ("GET /stats/a", .unknown), ("GET /ws/a/b", .unknown),
    ])
  func misfits(_ line: String, _ route: Route) throws { #expect(try Self.route(line) == route) }

  @Test(
    "names that could be misread are none",
    arguments: ["GET /clients/a%20b", "GET /ws/%01", "GET /groups/a:b", "PUT /clients/a/data/%0A"])
  func badNames(_ line: String) throws {
    guard case .badName? = try Self.route(line) else {
      Issue.record("\(line) is taken")
      return
    }
  }

  @Test("only statistics are for everybody")
  func guarded() throws {
    let ada = try #require(ClientID("ada"))
    #expect(!ClientsRoute.stats.isGuarded)
    #expect(ClientsRoute.describe(ada).isGuarded && ClientsRoute.token(ada).isGuarded)
    #expect(ClientsRoute.groups.isGuarded)
  }
}
