import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// Whoever wants to know who comes and goes reads a stream, or is called.
  @Suite(.serialized) struct HookTests {
    @Test("each coming and going is an entry of the stream, in its order, with what is known of it")
    func stream() throws {
      let server = try Server(["--lifecycle-stream"])
      let plain = try server.client("/ws?notify=0")
      let named = try server.client("/ws/anna")
      try named.send("one")
      try server.count(becomes: 2)
      try named.close()
      try server.count(becomes: 1)
      try plain.close()
      try server.count(becomes: 0)
      let line = try server.askRedis()
      var events: [[String: String]] = []
      try Deadline.until(5, "four entries") {
        let entries = try line.ask("XRANGE", RedisWire.key("lifecycle"), "-", "+").list
        events = entries.compactMap { $0.list.last?.pairs }
        return events.count >= 4
      }
      #expect(events.count == 4)
      let anna = events.filter { $0["name"] == "anna" }
      #expect(anna.map { $0["event"] } == ["connect", "disconnect"])
      #expect(anna.allSatisfy { $0["hall"] == "clients" && $0["peer"]?.hasPrefix("127.0.0.1:") == true })
      #expect(anna.last?["messages"] == "1" && anna.last?["how"] == "left")
      let nameless = events.filter { $0["hall"] == "ws" && $0["name"] == nil }
      #expect(nameless.count == 2)
    }

    @Test("without being asked nothing is noted")
    func silent() throws {
      let server = try Server()
      let client = try server.client("/ws?notify=0")
      try client.close()
      try server.count(becomes: 0)
      #expect(try server.askRedis().ask("EXISTS", RedisWire.key("lifecycle")) == .number(0))
    }

    @Test("webhooks tell of everybody, though workers are killed meanwhile")
    func webhooks() throws {
      let receiver = try Receiver()
      let place = "127.0.0.1:\(receiver.port)"
      let server = try Server([
        "--webhook-allow", place, "--on-connect", "http://\(place)/came", "--on-disconnect",
        "http://\(place)/went",
      ])
      try server.guarded()
      var names: [String] = []
      for round in 0..<4 {
        let clients = try (0..<10).map { number in
          names.append("c\(round)-\(number)")
          return try server.client("/ws/c\(round)-\(number)")
        }
        let worker = try #require(server.workers.randomElement())
        kill(worker, SIGKILL)
        for client in clients { try client.close() }
        try server.settled(after: round + 1)
      }
      try Deadline.until(20, "all have been told of") {
        let letters = receiver.letters
        return ["/came", "/went"].allSatisfy { path in
          Set(letters.filter { $0.path == path }.compactMap(Self.name)).isSuperset(of: names)
        }
      }
      // Each event has one task, whose key all its letters bear.
      let keys = Dictionary(grouping: receiver.letters) { "\($0.path) \(Self.name($0) ?? "")" }
        .mapValues { Set($0.map(\.key)) }
      #expect(keys.count == 2 * names.count && keys.values.allSatisfy { $0.count == 1 })
    }

    @Test("a host that has gone leaves no name in the group")
    func hosts() throws {
      let (redis, receiver) = (try OutsideRedis(), try Receiver())
      let place = "127.0.0.1:\(receiver.port)"
      let flags = [
        "--redis", redis.url, "--drain-preset", "now", "--webhook-allow", place, "--on-connect",
        "http://\(place)/came",
      ]
      let line = try RedisWire(path: redis.socketPath)
      for name in ["first", "second"] {
        let server = try Server(flags)
        let client = try server.client("/ws/\(name)")
        try Deadline.until(10, "\(name) is told of") {
          receiver.letters.contains { Self.name($0) == name }
        }
        _ = client
        server.program.signal(SIGTERM)
        #expect(try server.program.exitCode(within: 40, "it ends") == 0)
      }
      let left = try line.ask("XINFO", "CONSUMERS", RedisWire.key("lifecycle"), "hooks").list
      #expect(left.isEmpty)
    }

    @Test("a webhook that may not go there stops the start", arguments: ["on-connect", "on-disconnect"])
    func notAllowed(_ option: String) throws {
      let sandbox = try Sandbox()
      let program = try Program(
        Program.path("wsserver"), ["--state", sandbox.path, "--\(option)", "http://127.0.0.1:9/x"],
        in: sandbox)
      #expect(try program.exitCode(within: 10, "it ends") == 2)
      try program.line(with: "\(option) is 127.0.0.1:9, which webhook-allow has to have, too")
    }

    private static func name(_ letter: Receiver.Letter) -> String? {
      let body = try? JSONSerialization.jsonObject(with: Data(letter.body.utf8)) as? [String: Any]
      return body?["name"] as? String
    }
  }
}
