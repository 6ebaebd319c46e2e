import Glibc
import Testing

extension EndToEnd {
  /// What may be used up, and what a client is told at the end of it.
  @Suite(.serialized) struct LimitTests {
    @Test("max_connections holds exactly over two workers; a refusal says when to come again, and is counted")
    func seats() throws {
      let server = try Server(["--max-connections", "20"])
      var clients = try (0..<20).map { _ in try server.client("/ws?mode=echo&notify=0") }
      for _ in 0..<6 {
        let reply = try upgrade(server)
        #expect(reply.status == 503)
        #expect(reply.fields["retry-after"] == "2")
      }
      try server.count(becomes: 20)
      #expect(try errors(server, "over_capacity") == 6)
      clients.removeFirst()
      try server.count(becomes: 19)
      #expect(try upgrade(server).status == 101)
      withExtendedLifetime(clients) {}
    }

    @Test("many at once for the last seats: never one too many", arguments: [1, 2, 3])
    func race(_ round: Int) throws {
      let server = try Server(["--max-connections", "30"])
      let wires = try (0..<80).map { _ in try Wire(port: server.port) }
      for wire in wires { try wire.send(Self.handshake) }
      let answers = try wires.map { try Reply.read(from: $0, "the handshake").status }
      let admitted = answers.count { $0 == 101 }
      #expect(admitted <= 30 && admitted >= 28)
      #expect(answers.allSatisfy { $0 == 101 || $0 == 503 })
      try server.count(becomes: admitted)
    }

    @Test("connection_rate: a burst beyond a second's worth is told 503 with Retry-After")
    func connectionRate() throws {
      let server = try Server(["--connection-rate", "10"], workers: 1)
      let start = Deadline.now
      let answers = try (0..<20).map { _ in try upgrade(server) }
      let refused = answers.filter { $0.status == 503 }
      // Ten at once, and as many as came to be allowed meanwhile.
      let allowed = 10 + Int((Deadline.now - start) * 10) + 1
      #expect((20 - min(20, allowed)...10).contains(refused.count))
      #expect(refused.allSatisfy { Int($0.fields["retry-after"] ?? "") ?? 0 >= 1 })
      #expect(try errors(server, "over_rate") == refused.count)
      try Deadline.until(3, "there is room again") { try upgrade(server).status == 101 }
    }

    @Test("message_rate: who sends faster is read later, loses nothing, and does not slow the others")
    func messageRate() throws {
      let server = try Server(["--message-rate", "50"], workers: 1)
      let fast = try server.client("/ws?mode=mirror&notify=0")
      let calm = try server.client("/ws?mode=mirror&notify=0")
      let start = Deadline.now
      try fast.send(frames: (0..<150).flatMap { WebClient.frame(opcode: 1, Array("\($0)".utf8)) })
      for number in 0..<5 {
        let asked = Deadline.now
        try calm.send("calm \(number)")
        #expect(try calm.text() == "calm \(number)")
        #expect(Deadline.isWithin(0.4, since: asked))
      }
      for number in 0..<150 { #expect(try fast.text() == "\(number)") }
      #expect(Deadline.now - start > 1.8 && Deadline.isWithin(4, since: start))
      #expect(try errors(server, "throttled") > 0)
    }

    @Test("pings count as messages, and bytes have a rate of their own")
    func pingsAndBytes() throws {
      let server = try Server(["--message-rate", "50", "--byte-rate", "20k"], workers: 1)
      let pinger = try server.client("/ws?mode=mirror&notify=0")
      var start = Deadline.now
      try pinger.send(frames: (0..<120).flatMap { _ in WebClient.frame(opcode: 9, []) })
      for _ in 0..<120 { #expect(try pinger.frame() == .pong([])) }
      #expect(Deadline.now - start > 1.2)
      let talker = try server.client("/ws?mode=mirror&notify=0")
      let text = String(repeating: "x", count: 10_000)
      start = Deadline.now
      for _ in 0..<6 { try talker.send(text) }
      for _ in 0..<6 { #expect(try talker.text() == text) }
      #expect(Deadline.now - start > 1.3)
    }

    @Test("rate_policy close: who sends too fast is closed with 1008")
    func ratePolicy() throws {
      let server = try Server(["--message-rate", "10", "--rate-policy", "close"], workers: 1)
      let fast = try server.client("/ws?mode=mirror&notify=0")
      try fast.send(frames: (0..<30).flatMap { WebClient.frame(opcode: 1, Array("\($0)".utf8)) })
      var last = WebClient.Message.text("")
      while case .text = last { last = try fast.next() }
      #expect(last == .close(1008))
      try server.count(becomes: 0)
    }

    @Test("a throttled socket survives a roll and a kill, and its debt with it", arguments: ["roll", "kill"])
    func throttleAndRestart(_ how: String) throws {
      let server = try Server(["--message-rate", "20"], workers: 1)
      try server.guarded(slots: 1)
      let fast = try server.client("/ws?mode=mirror&notify=0")
      let start = Deadline.now
      try fast.send(frames: (0..<80).flatMap { WebClient.frame(opcode: 1, Array("\($0)".utf8)) })
      if how == "roll" {
        #expect(try server.askRedis().command("r1", "roll")["answer"]?.isEmpty == false)
      } else {
        poll(nil, 0, 300)
        kill(try #require(server.workers.first), SIGKILL)
      }
      for number in 0..<80 { #expect(try fast.text() == "\(number)") }
      #expect(Deadline.now - start > 2.5)
    }

    @Test("slow_reader_age: who leaves a byte unread for too long is closed, with little unread too")
    func slowReader() throws {
      let server = try Server(["--slow-reader-age", "1s"], workers: 1)
      let deaf = try server.client("/ws?notify=0")
      let speaker = try server.client("/ws?mode=chat&notify=0")
      let listener = try server.client("/ws?notify=0")
      let payload = String(repeating: "x", count: 60_000)
      // What the kernel takes for a peer that does not read, and a little more, below the bound in bytes.
      var isGone = false
      for _ in 0..<200 where !isGone {
        try speaker.send(payload)
        #expect(try listener.text() == payload)
        poll(nil, 0, 20)
        isGone = try errors(server, "slow_consumer") == 1
      }
      #expect(isGone)
      try server.count(becomes: 2)
      try speaker.send("still there?")
      #expect(try listener.text() == "still there?")
      withExtendedLifetime(deaf) {}
    }

    @Test("slow_reader_messages: who leaves so many unread is closed, who reads them all is not")
    func unreadMessages() throws {
      let server = try Server(
        ["--slow-reader-messages", "50", "--slow-reader-age", "none", "--memory-check-interval", "100ms"],
        workers: 1)
      let deaf = try server.client("/ws?notify=0")
      let speaker = try server.client("/ws?mode=chat&notify=0")
      let listener = try server.client("/ws?notify=0")
      // Large enough that the kernel's own buffers are soon full, and far fewer than the bound in bytes in the end.
      let large = String(repeating: "x", count: 200_000)
      var told = 0
      while try unsent(server) == 0, told < 500 {
        try speaker.send(large)
        #expect(try listener.text() == large)
        told += 1
        // The figure is taken ten times a second.
        poll(nil, 0, 120)
      }
      #expect(try errors(server, "slow_consumer") == 0)
      for number in 0..<60 {
        try speaker.send("\(number)")
        #expect(try listener.text() == "\(number)")
      }
      #expect(try errors(server, "slow_consumer") == 1)
      try server.count(becomes: 2)
      withExtendedLifetime(deaf) {}
    }

    /// What waits for peers that do not read: more than the records alone.
    private func unsent(_ server: Server) throws -> Int {
      try figure(server, "sluice_socket_bytes") > 10_000 ? 1 : 0
    }

    @Test("a half-sent message beyond max_memory_per_connection costs that socket, and nobody else")
    func memoryPerConnection() throws {
      let server = try Server(
        ["--max-memory-per-connection", "64k", "--memory-check-interval", "200ms"], workers: 1)
      let greedy = try server.client("/ws?notify=0")
      let modest = try server.client("/ws?mode=mirror&notify=0")
      // A text of a hundred thousand bytes that never ends.
      try greedy.send(frames: [0x01, 0xFF, 0, 0, 0, 0, 0, 1, 0x86, 0xA0, 0, 0, 0, 0])
      try greedy.send(frames: [UInt8](repeating: 120, count: 100_000))
      #expect(try greedy.next() == .close(1013))
      #expect(try errors(server, "over_memory") == 1)
      try modest.send("here")
      #expect(try modest.text() == "here")
    }

    @Test(
      "what is kept under a name counts as its socket's: data of clients and of sessions, names and groups")
    func belongings() throws {
      let server = try Server(["--max-total-memory", "1g", "--memory-check-interval", "100ms"], workers: 1)
      let client = try server.client("/ws/ada")
      let session = try SluiceClient(server, "/ws?notify=0")
      let before = try socketBytes(server)
      for number in 0..<10 { _ = try server.http("PUT", "/groups/g\(number)/members/ada") }
      // A key for each group, and at least as much for its name.
      try Deadline.until(5, "the groups") { try figure(server, "sluice_socket_bytes") >= before + 10 * 64 }
      let joined = try socketBytes(server)
      let value = String(repeating: "x", count: 3000)
      #expect(try server.http("PUT", "/clients/ada/data/k", body: #""\#(value)""#).status == 200)
      try Deadline.until(5, "the client's") { try figure(server, "sluice_socket_bytes") == joined + 3005 }
      // The same again is the same.
      for _ in 0..<2 { _ = try session.ask(["type": "set", "key": "k", "value": value, "id": "s"]) }
      try Deadline.until(5, "the session's") { try figure(server, "sluice_socket_bytes") == joined + 6010 }
      try client.close()
      try Deadline.until(5, "one has gone") { try figure(server, "sluice_socket_bytes") < before + 3005 }
    }

    @Test("data beyond max_memory_per_connection are refused, and with them a socket is soon too large")
    func belongingsBound() throws {
      let server = try Server(
        ["--max-memory-per-connection", "8k", "--memory-check-interval", "100ms"], workers: 1)
      let session = try SluiceClient(server, "/ws/ada")
      let other = try server.client("/ws/bob")
      let value = String(repeating: "x", count: 6000)
      #expect(
        try session.ask(["type": "set", "key": "a", "value": value, "id": "1"])["type"] as? String == "ack")
      let refusal = try session.ask(["type": "set", "key": "b", "value": value, "id": "2"])
      #expect(refusal["code"] as? String == "too_much_data")
      #expect(try server.http("PUT", "/clients/ada/data/b", body: #""\#(value)""#).status == 413)
      #expect(try session.ask(["type": "get", "key": "a", "id": "3"])["value"] as? String == value)
      #expect(try server.http("PUT", "/clients/bob/data/a", body: #""\#(value)""#).status == 200)
      // What it had not yet said beside its data is too much.
      try other.send(frames: [0x01, 0xFE, 0x75, 0x30, 0, 0, 0, 0] + [UInt8](repeating: 120, count: 4000))
      #expect(try other.next() == .close(1013))
      #expect(try errors(server, "over_memory") == 1)
      _ = try session.ask(["type": "ping", "id": "4"])
    }

    @Test(
      "max_total_memory: those who were silent longest go first, until it fits", arguments: ["lru", "fifo"])
    func totalMemory(_ policy: String) throws {
      let server = try Server(
        [
          "--max-total-memory", "300k", "--memory-check-interval", "2s", "--memory-eviction-policy", policy,
        ], workers: 1)
      let clients = try (0..<8).map { _ in try server.client("/ws?mode=mirror&notify=0") }
      // The first one speaks last.
      for client in clients.dropFirst() + [clients[0]] {
        try client.send(frames: [0x01, 0xFF, 0, 0, 0, 0, 0, 1, 0x86, 0xA0, 0, 0, 0, 0])
        try client.send(frames: [UInt8](repeating: 120, count: 60_000))
        poll(nil, 0, 20)
      }
      try Deadline.until(10, "some are evicted, and the rest fits") {
        let bytes = try figure(server, "sluice_socket_bytes")
        return try errors(server, "evicted") > 0 && bytes <= 300 << 10
      }
      let left = try sockets(server)
      #expect((3...5).contains(left))
      #expect(try errors(server, "evicted") == 8 - left)
      // The one that came first is the one that spoke last.
      let isFirstHere = clients[0].look(for: 0.2) != .close(1013)
      #expect(isFirstHere == (policy == "lru"))
    }

    @Test("a reload gives new limits to those who come, and keeps those who are here")
    func reload() throws {
      let sandbox = try Sandbox()
      let path = "\(sandbox.path)/config"
      try write("max_connections = 3\n", to: path)
      let server = try Server(["--config", path], sandbox: sandbox)
      var clients = try (0..<3).map { _ in try server.client("/ws?mode=echo&notify=0") }
      #expect(try upgrade(server).status == 503)
      try server.guarded()
      try write("max_connections = 5\n", to: path)
      server.program.signal(SIGHUP)
      try server.program.line(with: "reload: done")
      clients += try (0..<2).map { _ in try server.client("/ws?mode=echo&notify=0") }
      #expect(try upgrade(server).status == 503)
      for client in clients {
        try client.send("here")
        #expect(try client.text() == "echo: here")
      }
      // What is wrong is not taken.
      try write("max_connections = many\n", to: path)
      server.program.signal(SIGHUP)
      let line = try server.program.line(with: "nothing is reloaded")
      #expect(line.contains("max_connections") && line.contains("'many'"))
    }

    private func write(_ text: String, to path: String) throws {
      guard let file = fopen(path, "w") else { throw Trouble("cannot write \(path)") }
      fputs(text, file)
      fclose(file)
    }

    @Test("enable_metrics false: nothing there")
    func noMetrics() throws {
      let server = try Server(["--no-enable-metrics"], workers: 1)
      #expect(try server.http("GET", "/metrics").status == 404)
    }

    static let handshake = Array(
      ("GET /ws?notify=0 HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n").utf8)

    private func upgrade(_ server: Server) throws -> Reply {
      let wire = try Wire(port: server.port)
      try wire.send(Self.handshake)
      return try Reply.read(from: wire, "the handshake")
    }

    private func errors(_ server: Server, _ kind: String) throws -> Int {
      try figure(server, "websocket_errors_total{error_type=\"\(kind)\"}")
    }

    /// What its sockets hold, once nothing is added any more; it is looked at ten times a second.
    private func socketBytes(_ server: Server) throws -> Int {
      var (bytes, since) = (-1, Deadline.now)
      try Deadline.until(5, "the figure rests") {
        let now = try figure(server, "sluice_socket_bytes")
        if now != bytes { (bytes, since) = (now, Deadline.now) }
        return Deadline.now - since > 0.35
      }
      return bytes
    }

    private func sockets(_ server: Server) throws -> Int {
      try figure(server, "websocket_active_connections")
    }

    private func figure(_ server: Server, _ name: String) throws -> Int {
      let lines = try server.http("GET", "/metrics").body.split(separator: "\n")
      let line = lines.first { $0.hasPrefix(name + " ") }
      return line.flatMap { Int($0.split(separator: " ").last ?? "") } ?? -1
    }
  }
}
