import Foundation
import Testing

extension EndToEnd {
  /// The fifth older project, a connection manager as a library: its five usage patterns (inventory P10) and what its
  /// instructions promise about ids, heartbeats and tokens (A20–A25, B12–B18, C12–C17, D8–D10, E1–E3, F4–F11, G2–G6).
  @Suite(.serialized) struct ConnectionManagerTests {
    @Test("pattern 1, broadcast: what one says everybody in the hall hears, with the name in front")
    func broadcast() throws {
      let server = try Server(workers: 2)
      let clients = try (0..<6).map { try server.client("/ws/user\($0)") }
      try clients[0].send("Hello \"all\" 🛰")
      for client in clients {
        #expect(try client.text() == #"{"user": "user0", "message": "Hello \"all\" 🛰"}"#)
      }
      // `pong` answers a heartbeat and is no chat; what an operator says comes bare.
      try clients[1].send("pong")
      #expect(try server.http("POST", "/broadcast", body: #"{"message": "System message"}"#).status == 200)
      for client in clients { #expect(try client.text() == "System message") }
    }

    @Test("broadcast with exclude leaves one client out, and the figures say so")
    func exclude() throws {
      let server = try Server(workers: 2)
      let clients = try (0..<4).map { try server.client("/ws/user\($0)") }
      let reply = try server.http(
        "POST", "/broadcast", body: #"{"message": "not you", "halls": ["clients"], "exclude": "user2"}"#)
      #expect(reply.body.contains(#""total": 3, "succeeded": 3, "failed": 0"#), "\(reply.body)")
      _ = try server.http("POST", "/broadcast", body: #"{"message": "all"}"#)
      for (index, client) in clients.enumerated() {
        if index != 2 { #expect(try client.text() == "not you") }
        #expect(try client.text() == "all")
      }
      #expect(
        try server.http("POST", "/broadcast", body: #"{"message": "x", "exclude": "a b"}"#).status == 422)
    }

    @Test("the same idempotency key is the same broadcast")
    func idempotency() throws {
      let server = try Server(workers: 2)
      let clients = try (0..<3).map { try server.client("/ws/user\($0)") }
      let body = #"{"message": "once", "idempotency_key": "order 17"}"#
      let first = try server.http("POST", "/broadcast", body: body)
      #expect(first.status == 200)
      for _ in 0..<4 {
        let again = try server.http("POST", "/broadcast", body: body)
        #expect(again.status == 200 && again.body == first.body)
      }
      _ = try server.http("POST", "/broadcast", body: #"{"message": "next"}"#)
      for client in clients {
        #expect(try client.text() == "once")
        #expect(try client.text() == "next")
      }
    }

    @Test("pattern 2, direct: `delivered` is the truth, whichever worker holds the client")
    func direct() throws {
      let server = try Server(workers: 2)
      let clients = try (0..<6).map { try server.client("/ws/user\($0)") }
      for (index, client) in clients.enumerated() {
        let reply = try server.http(
          "POST", "/clients/user\(index)/messages", body: #"{"message": {"for": \#(index)}}"#)
        #expect(reply.status == 200 && reply.body == #"{"delivered": true}"#)
        #expect(try client.text() == #"{"for": \#(index)}"#)
      }
      try clients[3].close()
      _ = try clients[3].next()
      for id in ["user3", "nobody"] {
        let reply = try server.http("POST", "/clients/\(id)/messages", body: #"{"message": "x"}"#)
        #expect(reply.status == 200 && reply.body == #"{"delivered": false}"#, "\(id): \(reply.body)")
      }
      #expect(try server.http("POST", "/clients/user1/messages", body: "{}").status == 422)
    }

    @Test(
      "pattern 3, reconnect: a token brings a client back once, on any worker; its groups and data are still there"
    )
    func reconnect() throws {
      let server = try Server(workers: 2)
      let first = try server.client("/ws/user1")
      #expect(try server.http("PUT", "/groups/general/members/user1").status == 200)
      #expect(
        try server.http("PUT", "/clients/user1/data/room", body: #""general""#).status == 200)
      let token = try token(server, "user1")
      #expect(token.split(separator: ".").count == 4)
      try first.close()
      _ = try first.next()
      let second = try server.client("/ws/user1?token=\(token)")
      #expect(
        try server.http("POST", "/groups/general/messages", body: #"{"message": "welcome"}"#).status == 200)
      #expect(try second.text() == "welcome")
      #expect(try server.http("GET", "/clients/user1/data/room").body == #""general""#)
      // It was good for one time; the one who comes with it again is told why, and nobody else is disturbed.
      #expect(try server.client("/ws/user1?token=\(token)").ending() == "1008 Invalid token")
      let third = try server.client(
        "/ws/user1", fields: ["Authorization: Bearer \(try self.token(server, "user1"))"])
      #expect(try second.ending() == "1000 reconnected")
      try third.send("hi")
      #expect(try third.text() == #"{"user": "user1", "message": "hi"}"#)
    }

    @Test("a token that is none, too old or another's is accepted and closed with 1008 and the reason")
    func tokens() throws {
      let server = try Server(["--reconnect-token-ttl", "1s"], workers: 2)
      let token = try token(server, "user1")
      #expect(try server.client("/ws/user2?token=\(token)").ending() == "1008 Token mismatch")
      for bad in [
        "", "abc", String(token.dropLast()) + "x", "9" + token,
        token.replacingOccurrences(of: ".user1.", with: ".user2."),
      ] {
        #expect(try server.client("/ws/user1?token=\(bad)").ending() == "1008 Invalid token", "\(bad)")
      }
      try Deadline.until(5, "the token expires") {
        let seconds = Double(token.split(separator: ".")[0]) ?? 0
        return Date().timeIntervalSince1970 >= seconds + 1
      }
      #expect(try server.client("/ws/user1?token=\(token)").ending() == "1008 Token expired")
      // A process that starts anew knows what the one before it has signed.
      let fresh = try self.token(server, "user1")
      _ = try server.askRedis().command("roll-tokens", "roll")
      let client = try server.client("/ws/user1?token=\(fresh)")
      try client.send("x")
      #expect(try client.text().hasSuffix(#""message": "x"}"#))
    }

    @Test("enable_reconnect false: no tokens are handed out, and none is believed")
    func noTokens() throws {
      let server = try Server(workers: 1, environment: ["ENABLE_RECONNECT": "false"])
      #expect(try server.http("POST", "/reconnect-token/user1").status == 404)
      #expect(try server.client("/ws/user1?token=abc").ending() == "1008 Invalid token")
      _ = try server.client("/ws/user1")
    }

    @Test("pattern 4, statistics: exactly these members, this host's hall `clients`")
    func stats() throws {
      let server = try Server(workers: 2)
      #expect(
        try server.http("GET", "/stats").body
          == #"{"active_connections": 0, "client_ids": [], "memory": {"total_memory": 0, "connection_count": 0, "per_connection_average": 0}}"#
      )
      let clients = try ["bob", "ada", "zoë"].map {
        try server.client("/ws/\($0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")")
      }
      let plain = try server.client("/ws")
      try Deadline.until(5, "three clients") {
        try server.http("GET", "/stats").body.hasPrefix(
          #"{"active_connections": 3, "client_ids": ["ada", "bob", "zoë"], "memory": {"total_memory": "#)
      }
      let before = try memory(server)
      let value = String(repeating: "x", count: 3000)
      #expect(try server.http("PUT", "/clients/ada/data/k", body: #""\#(value)""#).status == 200)
      #expect(try memory(server) == before + 3000 + 2 + 3)
      for client in clients { try client.close() }
      try Deadline.until(5, "nobody") {
        try server.http("GET", "/stats").body.hasPrefix(#"{"active_connections": 0,"#)
      }
      withExtendedLifetime(plain) {}
    }

    @Test("pattern 5, user data: kept, read, counted, removed, and forgotten with the client")
    func userData() throws {
      let server = try Server(["--max-memory-per-connection", "3k"], workers: 2)
      let client = try server.client("/ws/user1?x=1")
      #expect(try server.http("PUT", "/clients/nobody/data/k", body: #"1"#).status == 404)
      #expect(
        try server.http("PUT", "/clients/user1/data/username", body: #""Ada""#).body
          == #"{"client_id": "user1", "key": "username", "value": "Ada"}"#)
      #expect(
        try server.http("PUT", "/clients/user1/data/a%20b", body: #"[1, {"b": null}]"#).status
          == 200)
      #expect(
        try server.http("GET", "/clients/user1/data/a%20b").body == #"[1, {"b": null}]"#)
      #expect(try server.http("PUT", "/clients/user1/data/k", body: "{").status == 422)
      #expect(
        try server.http(
          "PUT", "/clients/user1/data/\(String(repeating: "k", count: 129))", body: #"1"#
        ).status == 400)
      let large = String(repeating: "x", count: 1900)
      #expect(
        try server.http("PUT", "/clients/user1/data/big", body: #""\#(large)""#).status == 200)
      #expect(
        try server.http("PUT", "/clients/user1/data/more", body: #""\#(large)""#).status == 413)
      // In its own place it fits.
      #expect(
        try server.http("PUT", "/clients/user1/data/big", body: #""\#(large)""#).status == 200)
      #expect(try server.http("DELETE", "/clients/user1/data/big").body == #"{"deleted": true}"#)
      #expect(try server.http("DELETE", "/clients/user1/data/big").status == 404)
      #expect(try server.http("GET", "/clients/user1/data/big").status == 404)
      let record = try server.http("GET", "/clients/user1").body
      #expect(record.hasPrefix(#"{"client_id": "user1", "connected": true, "host": "#), "\(record)")
      #expect(
        record.hasSuffix(#""groups": [], "data": {"a b": [1, {"b": null}], "username": "Ada"}}"#), "\(record)"
      )
      #expect(try server.http("DELETE", "/clients/user1").body == #"{"disconnected": true}"#)
      #expect(try client.ending() == "1000 disconnected")
      #expect(try server.http("GET", "/clients/user1").status == 404)
      #expect(try server.http("DELETE", "/clients/user1").status == 404)
    }

    @Test("groups: those who are in hear, those who left do not")
    func groups() throws {
      let server = try Server(workers: 2)
      let clients = try (0..<5).map { try server.client("/ws/user\($0)") }
      #expect(try server.http("PUT", "/groups/red/members/nobody").status == 404)
      for index in 0..<4 {
        #expect(
          try server.http("PUT", "/groups/red/members/user\(index)").body
            == #"{"group": "red", "client_id": "user\#(index)", "member": true}"#)
      }
      #expect(try server.http("GET", "/groups").body == #"{"groups": [{"group": "red", "members": 4}]}"#)
      let first = try server.http("POST", "/groups/red/messages", body: #"{"message": "one"}"#)
      #expect(first.body.hasSuffix(#""group": "red", "members": 4, "delivered": 4}"#), "\(first.body)")
      #expect(try server.http("DELETE", "/groups/red/members/user3").status == 200)
      #expect(try server.http("DELETE", "/groups/red/members/user3").status == 404)
      #expect(
        try server.http("GET", "/groups/red").body
          == #"{"group": "red", "members": ["user0", "user1", "user2"]}"#)
      let second = try server.http("POST", "/groups/red/messages", body: #"{"message": "two"}"#)
      #expect(second.body.hasSuffix(#""members": 3, "delivered": 3}"#), "\(second.body)")
      _ = try server.http("POST", "/broadcast", body: #"{"message": "end"}"#)
      let heard = try clients.map { client in
        var words: [String] = []
        while words.last != "end" { words.append(try client.text()) }
        return words
      }
      #expect(heard == Array(repeating: ["one", "two", "end"], count: 3) + [["one", "end"], ["end"]])
      for index in 0..<3 { _ = try server.http("DELETE", "/groups/red/members/user\(index)") }
      #expect(try server.http("GET", "/groups").body == #"{"groups": []}"#)
      #expect(try server.http("POST", "/groups/red/messages", body: #"{"message": "x"}"#).status == 404)
    }

    @Test("the same id again: the newest stays, on whichever worker, and the limit does not count it twice")
    func newestWins() throws {
      let server = try Server(["--max-connections", "2"], workers: 2)
      let other = try server.client("/ws/other")
      var current = try server.client("/ws/user1")
      for round in 0..<10 {
        let next = try server.client("/ws/user1")
        #expect(try current.ending() == "1000 reconnected")
        try next.send("round \(round)")
        // A newcomer may still hear what was said just before it came.
        let said = #"{"user": "user1", "message": "round \#(round)"}"#
        for client in [next, other] {
          try Deadline.until(5, "round \(round) is heard") { try client.text() == said }
        }
        current = next
      }
      try Deadline.until(5, "full for everybody else") { (try? server.client("/ws/third")) == nil }
      try server.count(becomes: 2)
    }

    @Test("the heartbeat is a JSON ping with the time; `custom` leaves it to the application")
    func heartbeat() throws {
      let server = try Server(["--heartbeat-interval", "300ms", "--heartbeat-timeout", "5s"], workers: 1)
      let client = try server.client("/ws/user1")
      let text = try client.text()
      let ping = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
      #expect(text.hasPrefix(#"{"type": "ping", "timestamp": "#) && ping?.count == 2)
      let time = try #require(ping?["timestamp"] as? Double)
      #expect(abs(time - Date().timeIntervalSince1970) < 5)
      try client.send("pong")
      let custom = try Server(
        ["--heartbeat-interval", "200ms", "--heartbeat-timeout", "5s", "--heartbeat-type", "custom"],
        workers: 1)
      let quiet = try custom.client("/ws/user1")
      // The frames of the protocol go on.
      for _ in 0..<4 { #expect(try quiet.frame() == .ping([])) }
    }

    @Test("names that cannot be are refused: reserved ones with 409, others with 400")
    func names() throws {
      let server = try Server(["--admin-token", "s3cret"], workers: 1)
      let bearer = ["Authorization: Bearer s3cret"]
      for id in ["chat", "tasks"] {
        #expect(try server.http("POST", "/reconnect-token/\(id)", fields: bearer).status == 409)
        #expect(try server.http("GET", "/clients/\(id)", fields: bearer).status == 409)
      }
      for id in ["a%20b", "a%0Ab", "a%2Fb", "%FF", "%E2%80%AEx", String(repeating: "x", count: 65)] {
        #expect(try server.http("POST", "/reconnect-token/\(id)", fields: bearer).status == 400, "\(id)")
        #expect(throws: WebClient.Refused.self) { try server.client("/ws/\(id)") }
      }
      // What changes something, or tells of others, needs the token.
      for (method, path) in [
        ("POST", "/reconnect-token/a"), ("GET", "/clients/a"), ("DELETE", "/clients/a"),
        ("POST", "/clients/a/messages"), ("GET", "/clients/a/data/k"), ("GET", "/groups"),
        ("PUT", "/groups/g/members/a"),
      ] {
        #expect(try server.http(method, path).status == 401, "\(path)")
      }
      #expect(try server.http("GET", "/stats").status == 200)
      #expect(try server.http("PATCH", "/clients/a").fields["allow"] == "GET, HEAD, DELETE, OPTIONS")
    }

    private func token(_ server: Server, _ id: String) throws -> String {
      let reply = try server.http("POST", "/reconnect-token/\(id)")
      let object = try JSONSerialization.jsonObject(with: Data(reply.body.utf8)) as? [String: String]
      return try #require(object?["token"])
    }

    private func memory(_ server: Server) throws -> Int {
      let body = try server.http("GET", "/stats").body
      let object = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
      return try #require((object?["memory"] as? [String: Any])?["total_memory"] as? Int)
    }
  }
}
