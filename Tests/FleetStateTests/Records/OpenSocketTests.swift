import Testing

@testable import FleetState

@Suite struct OpenSocketTests {
  @Test("a socket reads back as it was listed")
  func roundTrip() throws {
    let ada = try #require(ClientID("=-ada"))
    let sockets = [
      OpenSocket(hall: .clients, since: 1_700_000_000_000, peer: "127.0.0.1:51712", client: ada),
      OpenSocket(hall: .ws, since: .max, peer: "[::1]:80"), OpenSocket(hall: .tasks, since: 0, peer: "a b"),
    ]
    for socket in sockets { #expect(OpenSocket(socket.text) == socket) }
    #expect(sockets[0].text == "clients 1700000000000 127.0.0.1:51712 ==-ada")
    #expect(sockets[2].text == "tasks 0 - -")
  }

  @Test(
    "what no worker writes is none",
    arguments: [
      "", "clients", "attic 1 a -", "ws x a -", "ws 1  -", "ws 1 a", "ws 1 a ada", "ws 1 a =", "ws 1 a =a b",
      "ws 1 a - -", "ws -1 a -", "ws 99999999999999999999 a -", String(repeating: "x", count: 300),
    ])
  func refused(_ text: String) { #expect(OpenSocket(text) == nil) }
}
