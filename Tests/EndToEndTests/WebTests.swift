import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// What a browser and a script see.
  @Suite(.serialized) struct WebTests {
    private static let browser = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

    private func json(_ reply: Reply) throws -> [String: Any] {
      let object = try JSONSerialization.jsonObject(with: Data(reply.body.utf8))
      return try #require(object as? [String: Any], "\(reply.body)")
    }

    @Test("/ is a page for a browser and figures for curl, and says that it depends")
    func negotiation() throws {
      let server = try Server(workers: 1)
      let figures = #"{"status": "ok", "local_active_connections": 0, "global_active_connections": 0}"#
      for (path, fields) in [("/", []), ("/", ["Accept: */*"]), ("/?format=json", [Self.browser])] {
        let reply = try server.http("GET", path, fields: fields)
        #expect(reply.status == 200 && reply.body == figures)
        #expect(reply.fields["vary"] == "Accept" && reply.fields["content-type"] == "application/json")
      }
      for (path, fields) in [("/", [Self.browser]), ("/?format=html", [])] {
        let reply = try server.http("GET", path, fields: fields)
        #expect(reply.status == 200 && reply.body.hasPrefix("<!doctype html>"))
        #expect(
          reply.fields["vary"] == "Accept" && reply.fields["content-type"] == "text/html; charset=utf-8")
        #expect(reply.fields["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
      }
      #expect(try server.http("GET", "/?format=xml").status == 400)
    }

    @Test("HEAD is GET without its body, on every route that has a GET")
    func head() throws {
      let server = try Server(workers: 1)
      let wire = try Wire(port: server.port)
      for path in [
        "/", "/docs", "/openapi.json", "/client.js", "/web/look.css", "/healthz", "/v1/health", "/ws",
      ] {
        let whole = try server.http("GET", path)
        // The next answer on this connection would begin with the body, were there one.
        try wire.send(Array("HEAD \(path) HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        let head: [UInt8] = try wire.take(within: 5, "HEAD \(path)") { bytes in
          bytes.firstRange(of: Array("\r\n\r\n".utf8)).map { (Array(bytes[..<$0.upperBound]), $0.upperBound) }
        }
        let text = String(decoding: head, as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 \(whole.status) "), "\(path)")
        #expect(text.contains("Content-Length: \(whole.fields["content-length"] ?? "?")\r\n"), "\(path)")
      }
    }

    @Test("files are sent once: the tag they came with gets 304")
    func files() throws {
      let server = try Server(workers: 1)
      for path in ["/docs", "/openapi.json", "/client.js", "/web/page.js", "/web/icon.svg", "/?format=html"] {
        let whole = try server.http("GET", path)
        let tag = try #require(whole.fields["etag"])
        #expect(whole.status == 200 && !whole.body.isEmpty)
        let again = try server.http("GET", path, fields: ["If-None-Match: \(tag)"])
        #expect(again.status == 304 && again.body.isEmpty && again.fields["etag"] == tag)
      }
    }

    @Test(
      "OPTIONS tells the methods, a wrong one is told them too, a stranger's path is 404, a plain GET on /ws 426"
    )
    func methods() throws {
      let server = try Server(workers: 1)
      for (path, allow) in [
        ("/", "GET, HEAD, OPTIONS"), ("/broadcast", "POST, OPTIONS"), ("/ws", "GET, HEAD, OPTIONS"),
      ] {
        let options = try server.http("OPTIONS", path)
        #expect(options.status == 204 && options.fields["allow"] == allow && options.body.isEmpty)
        let wrong = try server.http("DELETE", path)
        #expect(wrong.status == 405 && wrong.fields["allow"] == allow)
      }
      #expect(try server.http("OPTIONS", "/nowhere").status == 404)
      let plain = try server.http("GET", "/ws")
      #expect(plain.status == 426 && plain.fields["upgrade"] == "websocket")
      #expect(plain.body.split(separator: "\n").count == 1)
    }

    @Test("/status and `wsconsole status --json` have one schema, and the figures of both workers")
    func status() throws {
      let server = try Server()
      let clients = try (0..<5).map { _ in try server.client("/ws?notify=0") }
      try server.count(becomes: 5)
      var status: [String: Any] = [:]
      try Deadline.until(5, "both workers have reported") {
        status = try json(server.http("GET", "/status"))
        return (status["totals"] as? [String: Any])?["sockets"] as? Int == 5
      }
      #expect(status["status"] as? String == "ok" && status["scope"] as? String == "fleet")
      let host = try #require((status["hosts"] as? [[String: Any]])?.first)
      #expect((host["workers"] as? [Any])?.count == 2 && host["pid"] as? Int ?? 0 > 0)
      #expect((host["halls"] as? [String: Int])?["ws"] == 5)
      try Deadline.until(5, "rates are known") {
        let hosts = try json(server.http("GET", "/status"))["hosts"] as? [[String: Any]]
        return hosts?.first?["rates"] is [String: Any]
      }
      let console = try Program(
        Program.path("wsconsole"), ["status", "--json", "--state", server.sandbox.path], in: server.sandbox)
      #expect(try console.exitCode(within: 10, "wsconsole status") == 0)
      let told = try #require(
        try JSONSerialization.jsonObject(with: Data(console.output.utf8)) as? [String: Any])
      #expect(Set(told.keys) == Set(status.keys))
      let toldHost = try #require((told["hosts"] as? [[String: Any]])?.first)
      #expect(Set(toldHost.keys) == Set(host.keys))
      withExtendedLifetime(clients) {}
    }

    @Test("a hundred who ask at once are all answered, and Redis is asked a few times")
    func crowd() throws {
      let server = try Server(workers: 1)
      let redis = try server.askRedis()
      _ = try redis.ask("CONFIG", "RESETSTAT")
      let wires = try (0..<100).map { _ in try Wire(port: server.port) }
      for wire in wires { try wire.send(Array("GET /status HTTP/1.1\r\nHost: a\r\n\r\n".utf8)) }
      let replies = try wires.map { try Reply.read(from: $0, "/status") }
      #expect(replies.allSatisfy { $0.status == 200 && $0.body.hasPrefix("{") })
      let commands = try redis.ask("INFO", "commandstats").text ?? ""
      let line = try #require(commands.split(separator: "\r\n").first { $0.hasPrefix("cmdstat_smembers:") })
      let calls = try #require(line.firstMatch(of: /calls=(\d+)/).flatMap { Int($0.output.1) })
      // The supervisor looks for other hosts once a second, too.
      #expect(calls < 15)
    }

    @Test("without Redis /status speaks for this host, says degraded, and comes back with it")
    func degraded() throws {
      let redis = try OutsideRedis()
      let server = try Server(["--redis", redis.url])
      let clients = try (0..<3).map { _ in try server.client("/ws?notify=0") }
      try server.count(becomes: 3)
      #expect(try json(server.http("GET", "/status"))["status"] as? String == "ok")
      try redis.kill()
      var status: [String: Any] = [:]
      try Deadline.until(5, "it is degraded") {
        status = try json(server.http("GET", "/status"))
        return status["status"] as? String == "degraded"
      }
      #expect(status["scope"] as? String == "host")
      #expect((status["redis"] as? [String: Any])?["state"] as? String == "down")
      #expect((status["totals"] as? [String: Any])?["sockets"] as? Int == 3)
      #expect((status["hosts"] as? [[String: Any]])?.first?["redis"] as? String == "external")
      #expect(try server.http("POST", "/admin/roll").status == 503)
      try redis.restart()
      try Deadline.until(10, "it is well again") {
        try json(server.http("GET", "/status"))["status"] as? String == "ok"
      }
      withExtendedLifetime(clients) {}
    }

    @Test("a Redis that stands still holds nobody up for longer than a second")
    func slow() throws {
      let redis = try OutsideRedis()
      let server = try Server(["--redis", redis.url], workers: 1)
      redis.program.signal(SIGSTOP)
      defer { redis.program.signal(SIGCONT) }
      let start = Deadline.now
      let status = try json(server.http("GET", "/status"))
      #expect(Deadline.isWithin(1, since: start))
      #expect(status["status"] as? String == "degraded")
      #expect((status["redis"] as? [String: Any])?["state"] as? String == "slow")
    }

    @Test("each of two hosts tells of both")
    func twoHosts() throws {
      let redis = try OutsideRedis()
      let servers = try (0..<2).map { _ in try Server(["--redis", redis.url], workers: 1) }
      let client = try servers[0].client("/ws?notify=0")
      for server in servers {
        try Deadline.until(5, "two hosts, one socket") {
          let totals = try json(server.http("GET", "/status"))["totals"] as? [String: Any]
          return totals?["hosts"] as? Int == 2 && totals?["sockets"] as? Int == 1
        }
      }
      // Of the two, only the one that is asked does it.
      #expect(try servers[1].http("POST", "/admin/drain", body: #"{"preset": "now"}"#).status == 202)
      #expect(try servers[1].program.exitCode(within: 20, "the second ends") == 0)
      try client.send("x")
      #expect(try client.text() == "echo: x")
    }
  }
}
