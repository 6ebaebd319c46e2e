import Glibc
import Testing

extension EndToEnd {
  /// A message that a worker cannot stand, said by one of fifty: it is the only one who notices.
  @Suite(.serialized) struct RestartPoisonTests {
    @Test(
      "what makes a worker die or stand still ends that one socket, and is kept", arguments: ["trap", "hang"])
    func poison(kind: String) throws {
      let server = try Server(environment: ["SLUICE_DRILL": "\(kind):boom"])
      try server.guarded()
      let clients = try (0..<50).map { _ in try server.client("/ws?mode=echo&notify=0") }
      // Not it, but nearly.
      try clients[0].send("boom?")
      #expect(try clients[0].text() == "echo: boom?")
      let frame = WebClient.frame(opcode: 1, Array("boom".utf8))
      let start = Deadline.now
      try clients[17].send(frames: frame + WebClient.frame(opcode: 1, Array("and more".utf8)))
      #expect(try clients[17].next() == .close(1011))
      #expect(Deadline.isWithin(3, since: start))
      for (number, client) in clients.enumerated() where number != 17 {
        try client.send("still here")
        #expect(try client.text() == "echo: still here")
      }
      try server.agreed(on: 49)
      try server.settled(after: 1)
      try server.program.line(with: "1 was closed because the worker failed on what it sent")
      let line = try server.program.line(with: "kept in \(server.sandbox.path)/poison-")
      let path = try #require(line.split(separator: " ").first { $0.hasPrefix(server.sandbox.path) })
      let kept = try String(contentsOfFile: String(path))
      #expect(kept.utf8.count >= frame.count && kept.hasPrefix(String(decoding: frame, as: UTF8.self)))
    }

    @Test("ten of them, one after the other, cost ten sockets and nobody else")
    func tenInARow() throws {
      let server = try Server(workers: 1, environment: ["SLUICE_DRILL": "trap:boom"])
      try server.guarded(slots: 1)
      let clients = try (0..<30).map { _ in try server.client("/ws?mode=echo&notify=0") }
      for number in 0..<10 {
        try clients[number].send("boom")
        #expect(try clients[number].next() == .close(1011))
        for client in clients.dropFirst(number + 1) {
          try client.send("after \(number)")
          #expect(try client.text() == "echo: after \(number)")
        }
        try server.settled(after: number + 1, slots: 1)
      }
      try server.agreed(on: 20, slots: 1)
    }

    @Test("a drill that is none is told, and nothing happens")
    func noDrill() throws {
      let server = try Server(workers: 1, environment: ["SLUICE_DRILL": "boom"])
      try server.program.line(with: "SLUICE_DRILL has to be trap:TEXT or hang:TEXT")
      let client = try server.client("/ws?mode=echo&notify=0")
      try client.send("boom")
      #expect(try client.text() == "echo: boom")
    }
  }
}
