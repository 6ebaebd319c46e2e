import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// The fourth older project: `wscat -c ws://localhost/ws/chat/`, sessions by UUID, counting, `goodbye`, heartbeats,
  /// graceful shutdown (inventory A13, B9–B11, F1, G1, H24).
  @Suite(.serialized) struct MessageCounterTests {
    static let session = "0f8fad5b-d9cb-469f-a165-70867728950e"

    @Test("each text is counted and given back with the session's id; blank ones and binary ones are not")
    func counting() throws {
      let server = try Server(workers: 1)
      let client = try server.client("/ws/chat/")
      try client.send("Hello")
      let first = try Counted(client.text())
      #expect(first.count == 1 && first.message == "Hello")
      #expect(UUID(uuidString: first.session) != nil)
      try client.send("")
      try client.send(" \t\n")
      try client.send("\u{3000}\u{A0}")
      try client.send(opcode: 2, [1, 2, 3])
      try client.send("\"quoted\"\n\\ 🛰 \u{1}")
      #expect(
        try client.text()
          == #"{"count": 2, "session_id": "\#(first.session)", "message": "\"quoted\"\n\\ 🛰 \u0001"}"#)
    }

    @Test(
      "`goodbye` in any case is answered with the total and a normal close",
      arguments: ["goodbye", "GoodBye", " GOODBYE "])
    func goodbye(_ word: String) throws {
      let server = try Server(workers: 1)
      let client = try server.client("/ws/chat")
      for _ in 0..<3 {
        try client.send("x")
        _ = try client.text()
      }
      try client.send(word)
      #expect(try client.text() == #"{"bye": true, "total": 3}"#)
      #expect(try client.next() == .close(1000))
    }

    @Test("a session goes on counting on any worker; an unknown one begins at 0 and keeps its id")
    func sessions() throws {
      let server = try Server(workers: 2)
      for round in 0..<12 {
        let client = try server.client("/ws/chat/?session_id=\(Self.session)")
        try client.send("again")
        #expect(
          try client.text()
            == #"{"count": \#(round + 1), "session_id": "\#(Self.session)", "message": "again"}"#)
        try client.close()
        _ = try client.next()
      }
      // In capitals it is the same one.
      let client = try server.client("/ws/chat/?session_id=\(Self.session.uppercased())")
      try client.send("x")
      #expect(try Counted(client.text()).count == 13)
      let ttl = try server.askRedis().ask("PTTL", RedisWire.key("session:\(Self.session)")).number ?? 0
      #expect((3_500_000...3_600_000).contains(ttl))
    }

    @Test("what is no UUID is as good as none: a new session")
    func noSession() throws {
      let server = try Server(workers: 1)
      let client = try server.client("/ws/chat/?session_id=../../etc")
      try client.send("x")
      let counted = try Counted(client.text())
      #expect(counted.count == 1 && UUID(uuidString: counted.session) != nil)
    }

    @Test("the heartbeat comes in the socket's own time")
    func heartbeat() throws {
      let server = try Server(
        ["--heartbeat-interval", "300ms", "--heartbeat-timeout", "5s"], workers: 1)
      let client = try server.client("/ws/chat/")
      for _ in 0..<2 {
        let text = try client.text()
        #expect(text.hasPrefix(#"{"type": "heartbeat", "ts": "20"#) && text.hasSuffix(#"Z"}"#), "\(text)")
      }
    }

    @Test("a drain says how much was counted, that nothing is in flight, and closes with 1001")
    func drain() throws {
      let server = try Server(["--drain-preset", "now"], workers: 1)
      let client = try server.client("/ws/chat/?session_id=\(Self.session)")
      try client.send("x")
      _ = try client.text()
      server.program.signal(SIGTERM)
      #expect(
        try client.text()
          == #"{"bye": true, "total": 1, "reason": "server_shutdown", "inflight_completed": true}"#)
      #expect(try client.next() == .close(1001))
      #expect(try server.program.exitCode(within: 10, "drained") == 0)
    }

    @Test("counting goes on through a roll and kills -9 in the middle of it: no number is missing or twice")
    func restarts() throws {
      let server = try Server(workers: 2)
      try server.guarded()
      let clients = try (0..<8).map { _ in try server.client("/ws/chat/") }
      for round in 1...120 {
        switch round {
        case 20, 60, 90:
          try server.guarded()
          for pid in server.workers { kill(pid, SIGKILL) }
        case 40: _ = try server.askRedis().command("roll-chat", "roll")
        default: break
        }
        for client in clients { try client.send("m\(round)") }
        for client in clients {
          let counted = try Counted(client.text())
          #expect(counted.count == round && counted.message == "m\(round)")
        }
      }
      // What was said last is known wherever they come back.
      for client in clients {
        try client.send("last")
        let session = try Counted(client.text()).session
        try client.close()
        _ = try client.next()
        let again = try server.client("/ws/chat/?session_id=\(session)")
        try again.send("back")
        #expect(try Counted(again.text()).count == 122)
      }
    }

    @Test("a worker killed with a count Redis has not heard of: its heir tells Redis")
    func heir() throws {
      let redis = try OutsideRedis()
      let server = try Server(["--redis", redis.url], workers: 1)
      let wire = try RedisWire(path: redis.socketPath)
      try Deadline.until(10, "a standby") {
        let host = try wire.ask("SMEMBERS", RedisWire.key("hosts")).list.first?.text ?? ""
        return try wire.ask("HGET", RedisWire.key("host:\(host)"), "guarded") == .text("1")
      }
      let client = try server.client("/ws/chat/?session_id=\(Self.session)")
      try client.send("one")
      _ = try client.text()
      try Deadline.until(5, "one is known") {
        try wire.ask("HGET", RedisWire.key("session:\(Self.session)"), "count") == .text("1")
      }
      // Redis stands still while the second one is counted, and the worker dies before it moves again.
      redis.program.signal(SIGSTOP)
      try client.send("two")
      #expect(try Counted(client.text()).count == 2)
      kill(server.workers[0], SIGKILL)
      redis.program.signal(SIGCONT)
      try Deadline.until(10, "two is known") {
        try wire.ask("HGET", RedisWire.key("session:\(Self.session)"), "count") == .text("2")
      }
      try client.send("three")
      #expect(try Counted(client.text()).count == 3)
    }

    /// An answer of the hall, taken apart without our own JSON reader.
    struct Counted {
      let count: Int
      let session: String
      let message: String

      init(_ text: String) throws {
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        guard let object, let count = object["count"] as? Int, let session = object["session_id"] as? String,
          let message = object["message"] as? String
        else { throw Trouble("no count: \(text)") }
        self.count = count
        self.session = session
        self.message = message
      }
    }
  }
}
