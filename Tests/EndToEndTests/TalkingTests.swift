import Glibc
import Testing

extension EndToEnd {
  /// What clients and callers of one running server see.
  @Suite(.serialized) struct TalkingTests {
    @Test("what one says in /ws comes back with a prefix and reaches everybody else, on every worker")
    func chat() throws {
      let server = try Server()
      let speaker = try server.client("/ws?notify=0")
      let others = try (0..<8).map { _ in try server.client("/ws/?notify=0") }
      try speaker.send("hello 🛰")
      #expect(try speaker.text() == "echo: hello 🛰")
      for other in others { #expect(try other.text() == "hello 🛰") }
      // The next thing the speaker hears is its next echo: its own words do not come twice.
      try speaker.send("again")
      #expect(try speaker.text() == "echo: again")
    }

    @Test("each mode does what it says")
    func modes() throws {
      let server = try Server(workers: 1)
      let listener = try server.client("/ws?notify=0")
      let echo = try server.client("/ws?mode=echo&notify=0")
      let mirror = try server.client("/ws?mode=mirror&notify=0")
      let chat = try server.client("/ws?mode=chat&notify=0")
      try echo.send("one")
      #expect(try echo.text() == "echo: one")
      try mirror.send("two")
      #expect(try mirror.text() == "two")
      try chat.send("three")
      #expect(try listener.text() == "three")
      #expect(try echo.text() == "three")
      #expect(try mirror.text() == "three")
      try echo.send(opcode: 2, [0, 1, 255])
      #expect(try echo.next() == .binary([0, 1, 255]))
    }

    @Test("the notice comes in the socket's own time")
    func notices() throws {
      let server = try Server(["--notify-text", "knock"], workers: 1)
      let start = Deadline.now
      let client = try server.client("/ws?notify=1")
      #expect(try client.text() == "knock")
      #expect(try client.text() == "knock")
      #expect(Deadline.now - start > 1.8 && Deadline.isWithin(3.5, since: start))
    }

    @Test("POST /broadcast tells every socket of every worker and counts them")
    func broadcast() throws {
      let server = try Server()
      let clients = try (0..<10).map { _ in try server.client("/ws?notify=0") }
      let reply = try server.http("POST", "/broadcast", body: #"{"message": "hello everyone"}"#)
      #expect(reply.status == 200)
      #expect(reply.body.hasSuffix(#""total": 10, "succeeded": 10, "failed": 0, "workers": 2}"#))
      for client in clients { #expect(try client.text() == "hello everyone") }
      let bad = try server.http("POST", "/broadcast", body: #"{"massage": 1}"#)
      #expect(bad.status == 422)
      #expect(bad.body == #"{"detail": "message is missing"}"#)
      #expect(try server.http("GET", "/broadcast").status == 405)
    }

    @Test("GET / counts this worker's sockets and everybody's")
    func counts() throws {
      let server = try Server()
      let clients = try (0..<6).map { _ in try server.client("/ws?notify=0") }
      try Deadline.until(5, "six sockets counted") {
        try server.http("GET", "/").body.hasSuffix(#""global_active_connections": 6}"#)
      }
      let body = try server.http("GET", "/").body
      #expect(body.hasPrefix(#"{"status": "ok", "local_active_connections": "#))
      for client in clients { try client.close() }
      try Deadline.until(5, "nobody left") {
        try server.http("GET", "/").body
          == #"{"status": "ok", "local_active_connections": 0, "global_active_connections": 0}"#
      }
    }

    @Test("health, readiness and metrics")
    func probes() throws {
      let server = try Server(workers: 1)
      let client = try server.client("/ws?mode=echo&notify=0")
      try client.send("x")
      _ = try client.text()
      for path in ["/health", "/healthz", "/healthz/", "/livez"] {
        let reply = try server.http("GET", path)
        #expect(reply.status == 200)
        #expect(reply.body.hasPrefix(#"{"status": "healthy", "timestamp": ""#))
      }
      #expect(try server.http("GET", "/readyz/").body.hasSuffix(#""ready": true, "shutting_down": false}"#))
      let metrics = try server.http("GET", "/metrics").body
      for line in [
        "websocket_active_connections 1", "websocket_messages_total 1",
        "websocket_errors_total{error_type=\"reset\"} 0",
        "websocket_connection_duration_seconds_count 0", "sluice_sockets{hall=\"ws\"} 1",
      ] {
        #expect(metrics.contains("\n\(line)\n"), "\(line)")
      }
    }

    @Test("the second listener has the same figures")
    func secondListener() throws {
      let server = try Server(["--metrics-listen", "127.0.0.1:0"], workers: 1)
      let line = try server.program.line(with: "listening on ")
      let ports = line.split(separator: " ").filter { $0.hasPrefix("127.0.0.1:") }.compactMap {
        UInt16($0.split(separator: ":")[1].prefix { $0.isNumber })
      }
      try #require(ports.count == 2 && ports[0] == server.port)
      let client = try server.client("/ws?notify=0")
      for path in ["/metrics", "/metrics/"] {
        let reply = try Reply.ask(port: ports[1], "GET", path)
        #expect(reply.status == 200 && reply.body.contains("\nwebsocket_active_connections 1\n"))
      }
      withExtendedLifetime(client) {}
    }

    @Test("a handshake that cannot be is told why")
    func handshakes() throws {
      let server = try Server(workers: 1)
      let plain = try server.http("GET", "/ws")
      #expect(plain.status == 426)
      let old = try server.http(
        "GET", "/ws",
        fields: [
          "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 8",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ])
      #expect(old.status == 426)
      #expect(old.fields["sec-websocket-version"] == "13")
      #expect(try server.http("GET", "/ws?mode=shout").status == 400)
      #expect(try server.http("GET", "/nowhere").status == 404)
    }

    @Test("a public server without a token keeps its changing routes shut; with one, its bearer may")
    func tokens() throws {
      let shut = try Server(["--listen", "0.0.0.0:0"], workers: 1)
      #expect(try shut.http("POST", "/broadcast", body: #"{"message": "x"}"#).status == 403)
      let server = try Server(["--admin-token", "s3cret"], workers: 1)
      #expect(try server.http("POST", "/broadcast", body: #"{"message": "x"}"#).status == 401)
      let reply = try server.http(
        "POST", "/broadcast", body: #"{"message": "x"}"#, fields: ["Authorization: Bearer s3cret"])
      #expect(reply.status == 200)
    }

    @Test("a peer that breaks the protocol is closed with the code that says how")
    func violations() throws {
      let server = try Server(["--max-message-size", "1k"], workers: 1)
      let reserved = try server.client("/ws?notify=0")
      try reserved.send(opcode: 3, [])
      #expect(try reserved.next() == .close(1002))
      let text = try server.client("/ws?notify=0")
      try text.send(opcode: 1, [0xFF])
      #expect(try text.next() == .close(1007))
      let big = try server.client("/ws?notify=0")
      try big.send(String(repeating: "x", count: 1025))
      #expect(try big.next() == .close(1009))
      let polite = try server.client("/ws?notify=0")
      try polite.close(4000)
      #expect(try polite.next() == .close(4000))
    }

    @Test("who does not answer pings is closed and counted")
    func heartbeat() throws {
      let server = try Server(
        ["--heartbeat-interval", "200ms", "--heartbeat-timeout", "700ms"], workers: 1)
      let lively = try server.client("/ws?notify=0")
      let silent = try server.client("/ws?notify=0")
      // `next` answers pings, so only the lively one stays.
      try Deadline.until(10, "the silent socket is closed") {
        try lively.send("x")
        _ = try lively.next()
        return try server.http("GET", "/metrics").body.contains(
          "websocket_errors_total{error_type=\"heartbeat_timeout\"} 1\n")
      }
      _ = silent
    }
  }
}
