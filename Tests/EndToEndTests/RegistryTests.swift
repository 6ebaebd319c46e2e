import Glibc
import Testing

extension EndToEnd {
  /// What a server says of itself in Redis, and several servers as one fleet.
  @Suite(.serialized) struct RegistryTests {
    @Test("host, workers and samples are there while it lives, leased, and gone after a clean end")
    func records() throws {
      let redis = try OutsideRedis()
      let wire = try RedisWire(path: redis.socketPath)
      let server = try Server(["--redis", redis.url, "--host-id", "one"])
      let clients = try (0..<3).map { _ in try server.client("/ws?notify=0") }
      let keys = ["host:one", "worker:one:0", "worker:one:1"].map(RedisWire.key)
      for key in keys {
        try Deadline.until(5, "\(key) is there") { try wire.ask("EXISTS", key) == .number(1) }
        let left = try wire.ask("PTTL", key).number ?? -1
        #expect((1...5000).contains(left), "\(key)")
      }
      #expect(try wire.ask("SMEMBERS", RedisWire.key("hosts")) == .list([.text("one")]))
      try Deadline.until(5, "the host's three sockets") {
        try wire.ask("HGET", keys[0], "sockets") == .text("3")
      }
      try Deadline.until(5, "the workers' three sockets") {
        try keys.dropFirst().reduce(0) {
          $0 + (Int(try wire.ask("HGET", $1, "sockets_ws").text ?? "") ?? 0)
        } == 3
      }
      let pids = try keys.dropFirst().compactMap { pid_t(try wire.ask("HGET", $0, "pid").text ?? "") }
      #expect(pids.sorted() == server.workers.sorted())
      for client in clients { try client.close() }
      server.program.signal(SIGTERM)
      #expect(try server.program.exitCode(within: 5, "nobody is left") == 0)
      #expect(try wire.ask(["EXISTS"] + keys) == .number(0))
      #expect(try wire.ask("SMEMBERS", RedisWire.key("hosts")) == .list([]))
    }

    @Test("one sample a second, with the right count")
    func samples() throws {
      let server = try Server(workers: 1)
      let wire = try server.askRedis()
      let clients = try (0..<3).map { _ in try server.client("/ws?notify=0") }
      var samples: [(at: Int, count: String?)] = []
      try Deadline.until(10, "four samples with three sockets") {
        samples = try wire.ask("XRANGE", RedisWire.key("samples"), "-", "+").list.compactMap { entry in
          guard let id = entry.list.first?.text, let fields = entry.list.last?.pairs else { return nil }
          return (Int(id.split(separator: "-")[0]) ?? 0, fields["n"])
        }
        return samples.count { $0.count == "3" } >= 4
      }
      // One of them may have been late.
      let last = samples.suffix(4)
      let between = zip(last, last.dropFirst()).map { $1.at - $0.at }.sorted()
      #expect((700...1300).contains(between[1]), "\(last)")
      withExtendedLifetime(clients) {}
    }

    @Test("two servers are one fleet: counts add up, words reach both, a broadcast counts its own sockets")
    func fleet() throws {
      let redis = try OutsideRedis()
      let one = try Server(["--redis", redis.url])
      let two = try Server(["--redis", redis.url])
      let here = try (0..<3).map { _ in try one.client("/ws?notify=0") }
      let there = try (0..<4).map { _ in try two.client("/ws?notify=0") }
      try one.count(becomes: 7)
      try two.count(becomes: 7)
      try here[0].send("hello over there")
      #expect(try here[0].text() == "echo: hello over there")
      for client in here.dropFirst() + there { #expect(try client.text() == "hello over there") }
      let reply = try two.http("POST", "/broadcast", body: #"{"message": "to all"}"#)
      #expect(reply.body.hasSuffix(#""total": 4, "succeeded": 4, "failed": 0, "workers": 2}"#))
      for client in here + there { #expect(try client.text() == "to all") }
      // One host gone: its share of the count with it.
      two.killAll()
      _ = try two.program.exitCode(within: 5, "killed")
      try one.count(becomes: 3, within: 8)
    }
  }
}
