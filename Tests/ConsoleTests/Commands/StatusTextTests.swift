import FleetState
import Testing

@testable import Console

@Suite("StatusText")
struct StatusTextTests {
  @Test("one of a thing is one of it")
  func one() throws {
    var snapshot = try Fleet.snapshot()
    snapshot.hosts[0].workers.removeLast()
    snapshot.hosts[0].workers[0].sockets.ws = 1
    #expect(
      StatusText.status(snapshot) == """
        default: 1 host, 1 worker, 1 socket, redis up
        web-1  serving  1 socket  127.0.0.1:8000

        """)
  }

  @Test("a fleet of nobody is said to be one")
  func nobody() throws {
    let snapshot = Snapshot(namespace: try Fleet.name("shop"), time: 0, redis: .up)
    #expect(StatusText.status(snapshot) == "shop: no host is serving, redis up\n")
  }

  @Test("what a script reads begins at the edge, and is not cut")
  func whole() throws {
    #expect(StatusText.workers(try Fleet.snapshot()).hasPrefix("worker "))
    let event = FleetEvent(
      .started, host: try Fleet.name("web-1"), text: String(repeating: "long ", count: 90) + "end")
    #expect(StatusText.events([View.Line(time: 0, event: event)]).hasSuffix("long end\n"))
    #expect(StatusText.events([]) == "no events\n")
  }
}
