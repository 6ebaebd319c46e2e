import FleetState
import Testing

@testable import Console

@Suite struct OpenSocketsTests {
  private func line(
    _ connection: UInt64, since: UInt64 = 1_000_000, _ hall: Hall = .ws, client: String? = nil,
    peer: String = "10.0.0.1:5000"
  ) throws -> SocketLine {
    let name = try client.map { try #require(ClientID($0)) }
    return SocketLine(
      host: try Fleet.name("web-1"), slot: 0, connection: connection,
      socket: OpenSocket(hall: hall, since: since, peer: peer, client: name))
  }

  @Test("rows are aligned by what a terminal shows, and ages count from now")
  func text() throws {
    var sockets = OpenSockets(SocketFilter())
    sockets.add(try line(12, since: 1_065_000, .clients, client: "李雷"))
    sockets.add(try line(7, peer: ""))
    #expect(
      sockets.text(now: 1_125_000) == """
        socket      hall     client  peer           open
        web-1/0/7   ws       -       -              2m 05s
        web-1/0/12  clients  李雷    10.0.0.1:5000  1m 00s

        """)
  }

  @Test("none, and those of another hall, are said to be none")
  func none() throws {
    var sockets = OpenSockets(SocketFilter(hall: .chat))
    #expect(sockets.text(now: 0) == "no sockets\n")
    sockets.add(try line(1))
    #expect(sockets.total == 0)
    sockets.add(try line(2, .chat))
    #expect(sockets.oldest.map(\.connection) == [2])
  }

  @Test("of more than can be shown the oldest are, in whatever order they come, and the rest are counted")
  func bound() throws {
    var sockets = OpenSockets(SocketFilter())
    let count = UInt64(9 * OpenSockets.most + 17)
    // 7919 is prime to the count, so each comes once.
    for index in 0..<count {
      let connection = index * 7919 % count
      sockets.add(try line(connection, since: 1_000_000 + connection))
    }
    #expect(sockets.total == Int(count))
    #expect(sockets.oldest.map(\.connection) == (0..<UInt64(OpenSockets.most)).map { $0 })
    #expect(sockets.text(now: 2_000_000).hasSuffix("\nand 8,017 more\n"))
    #expect(sockets.json.contains(#""more": 8017"#))
  }

  @Test("a time that no clock of ours has said is no trap", arguments: [0, 1, .max])
  func oddTimes(_ since: UInt64) throws {
    var sockets = OpenSockets(SocketFilter())
    sockets.add(try line(1, since: since))
    for now in [Int64.min, 0, .max] { #expect(sockets.text(now: now).contains("web-1/0/1")) }
  }
}
