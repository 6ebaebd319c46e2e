import Glibc
import Testing

extension EndToEnd {
  /// Who may come in, and what nobody may see.
  @Suite(.serialized) struct SecretTests {
    @Test(
      "allowed_origins: pages from elsewhere are told 403 and counted, programs without an origin come in")
    func origins() throws {
      let server = try Server(["--allowed-origins", "https://app.example"], workers: 1)
      for origin in ["https://app.example", "HTTPS://APP.example:443"] {
        #expect(try status(server, ["Origin: \(origin)"]) == 101)
      }
      #expect(try status(server, []) == 101)
      let foreign = ["http://app.example", "https://app.example:8443", "https://app.example.evil", "null"]
      for origin in foreign { #expect(try status(server, ["Origin: \(origin)"]) == 403) }
      #expect(
        try server.http("GET", "/metrics").body.contains(
          "\nwebsocket_errors_total{error_type=\"foreign_origin\"} \(foreign.count)\n"))
    }

    @Test("no secret is in what /proc shows of our processes but the one it was given to, nor in a log")
    func nowhere() throws {
      let redis = try OutsideRedis()
      // This connection was let in before, and so may go on.
      let line = try RedisWire(path: redis.socketPath)
      try line.ask("CONFIG", "SET", "requirepass", "hunter2")
      let sandbox = try Sandbox()
      let token = "\(sandbox.path)/token"
      try write("opensesame\n", to: token)
      let server = try Server(
        ["--admin-token-file", token, "--log-level", "debug"], sandbox: sandbox,
        environment: ["REDIS_URL": redis.url.replacing("unix:", with: "unix://:hunter2@")])
      #expect(try server.http("POST", "/broadcast", body: "{}").status == 401)
      let bearer = ["Authorization: Bearer opensesame"]
      #expect(try server.http("POST", "/broadcast", body: #"{"message": 1}"#, fields: bearer).status == 200)
      #expect(
        try server.http("POST", "/broadcast", body: "{}", fields: ["Authorization: Bearer no"]).status == 401)
      try Deadline.until(10, "everybody is there") { server.standbys.count == 2 && server.workers.count == 2 }
      let children = server.children
      #expect(children.count >= 5)
      for pid in children {
        let arguments = try String(contentsOfFile: "/proc/\(pid)/cmdline")
        #expect(!arguments.contains("hunter2") && !arguments.contains("opensesame"))
        if pid == server.supervisor { continue }
        let environment = try String(contentsOfFile: "/proc/\(pid)/environ")
        #expect(!environment.contains("hunter2") && !environment.contains("opensesame"))
      }
      // Wrong from now on: what is said of it is said without it.
      try line.ask("CONFIG", "SET", "requirepass", "other")
      try line.ask("CLIENT", "KILL", "TYPE", "normal")
      try server.program.line(with: "redis is noauth")
      #expect(!server.program.output.contains("hunter2") && !server.program.output.contains("opensesame"))
    }

    @Test("the Redis user of docs/SETTINGS.md may do all that the server and its doctor do")
    func leastRights() throws {
      let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
      let page = try String(contentsOfFile: "\(root)/docs/SETTINGS.md")
      let line = try #require(page.split(separator: "\n").first { $0.hasPrefix("ACL SETUSER") })
      let redis = try OutsideRedis()
      let admin = try RedisWire(path: redis.socketPath)
      let command = line.replacing("PASSWORD", with: "pw").replacing("shop", with: "default")
      #expect(try admin.ask(command.split(separator: " ").map(String.init)) == .text("OK"))
      _ = try admin.ask("ACL", "LOG", "RESET")
      let url = redis.url.replacing("unix:", with: "unix://sluice:pw@")
      let server = try Server(["--redis", url], environment: ["REDIS_CHANNEL": "broadcast"])
      let clients = try (0..<6).map { _ in try server.client("/ws?notify=0") }
      try server.count(becomes: 6)
      #expect(try server.http("POST", "/broadcast", body: #"{"message": "hello"}"#).status == 200)
      for client in clients { #expect(try client.text() == "hello") }
      let doctor = try Program(
        Program.path("wsserver"),
        ["doctor", "--redis", url, "--listen", "127.0.0.1:0", "--metrics-listen", "none"]
          + server.stateArguments, in: server.sandbox)
      #expect(try doctor.exitCode(within: 10, "the doctor ends") == 0, "\(doctor.output)")
      let denied = try admin.ask("ACL", "LOG").list.map { $0.pairs["object"] ?? "" }
      // The doctor asks for more than it needs, and says when it is not told.
      #expect(denied.allSatisfy { $0.hasPrefix("config") }, "\(denied)")
    }

    @Test("what clients say and are called forges no line of a log", arguments: ["text", "json"])
    func injection(_ format: String) throws {
      let server = try Server(["--log-level", "debug", "--log-format", format], workers: 1)
      let evil = "%0a2026-01-01T00:00:00Z%20ERROR%20forged%1b%5b2J"
      _ = try server.http("GET", "/\(evil)?x=\(evil)")
      _ = try server.http("GET", "/ws/\(evil)")
      _ = try? server.client(
        "/ws?mode=echo&notify=0", fields: ["Origin: \u{1B}[2J", "User-Agent: a\tforged"])
      let client = try server.client("/ws?mode=echo&notify=0")
      try client.send("a\nforged\u{1B}[2J")
      _ = try client.text()
      try client.close()
      try server.count(becomes: 0)
      for line in server.program.output.split(separator: "\n") {
        #expect(!line.contains("forged") && !line.unicodeScalars.contains { $0.value < 32 })
        if format == "json" { #expect(line.hasPrefix("{\"timestamp\": ") && line.hasSuffix("}")) }
      }
    }

    @Test("a page from elsewhere cannot use the browser of this machine to broadcast")
    func forgedRequest() throws {
      let server = try Server(workers: 1)
      let body = #"{"message": "x"}"#
      let evil = try server.http("POST", "/broadcast", body: body, fields: ["Origin: https://evil.example"])
      #expect(evil.status == 403)
      #expect(try server.http("POST", "/broadcast", body: body).status == 200)
    }

    @Test("JSON lines of a socket's life carry the fields that dashboards know")
    func lines() throws {
      let server = try Server(["--log-level", "DEBUG", "--log-format", "json"], workers: 1)
      let client = try server.client("/ws?mode=echo&notify=0")
      for number in 0..<3 {
        try client.send("secret \(number)")
        _ = try client.text()
      }
      try client.close()
      let end = try server.program.line(with: "websocket_disconnected")
      #expect(end.contains(#""message_count": 3,"#) && end.contains(#""level": "DEBUG""#))
      #expect(end.contains(#""service": "wsserver""#) && end.contains(#""request_id": "0-"#))
      let word = try server.program.line(with: "websocket_message_processed")
      #expect(word.contains(#""message_count": 1,"#))
      try server.program.line(with: "websocket_connected")
      #expect(!server.program.output.contains("secret"))
    }

    @Test("lines of a socket that has a session name it, and go on counting when its worker is killed")
    func sessions() throws {
      let server = try Server(["--log-level", "DEBUG", "--log-format", "json"], workers: 1)
      let session = "0f8fad5b-d9cb-469f-a165-70867728950e"
      let client = try server.client("/ws/chat/?session_id=\(session)")
      try client.send("secret")
      _ = try client.text()
      try server.guarded(slots: 1)
      kill(server.workers[0], SIGKILL)
      try client.send("secret")
      _ = try client.text()
      try client.close()
      let end = try server.program.line(with: "websocket_disconnected")
      #expect(end.contains(#""message_count": 2,"#) && end.contains(#""session_id": "\#(session)""#))
      #expect(!server.program.output.contains("secret"))
    }

    private func status(_ server: Server, _ fields: [String]) throws -> Int {
      let wire = try Wire(port: server.port)
      let lines =
        [
          "GET /ws?notify=0 HTTP/1.1", "Host: a", "Upgrade: websocket", "Connection: Upgrade",
          "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        ] + fields
      try wire.send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
      return try Reply.read(from: wire, "the handshake").status
    }

    private func write(_ text: String, to path: String) throws {
      guard let file = fopen(path, "w") else { throw Trouble("cannot write \(path)") }
      fputs(text, file)
      fclose(file)
    }
  }
}
