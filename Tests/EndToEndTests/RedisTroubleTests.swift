import Glibc
import Testing

extension EndToEnd {
  /// What goes wrong with Redis has a name, costs nobody's socket, and passes.
  @Suite(.serialized) struct RedisTroubleTests {
    @Test("started without Redis it serves; within a second of Redis' coming all is well")
    func noRedisAtStart() throws {
      let redis = try OutsideRedis()
      try redis.kill()
      let server = try Server(["--redis", redis.url])
      #expect(server.program.output.contains("no Redis at unix://"))
      let client = try server.client("/ws?mode=echo&notify=0")
      try client.send("alone")
      #expect(try client.text() == "echo: alone")
      let home = try server.http("GET", "/").body
      #expect(
        home.contains(#""status": "degraded""#) && home.hasSuffix(#""global_active_connections": null}"#))
      let readiness = try server.http("GET", "/readyz")
      #expect(readiness.status == 200 && readiness.body.hasSuffix(#", "redis": "down"}"#))
      #expect(try server.redisState() == "down")
      try redis.restart()
      let came = Deadline.now
      try Deadline.until(5, "it is well") { try server.http("GET", "/").body.contains(#""status": "ok""#) }
      #expect(Deadline.isWithin(1.5, since: came))
      try server.count(becomes: 1)
      #expect(try server.http("POST", "/broadcast", body: #"{"message": "hello"}"#).status == 200)
      #expect(try client.text() == "hello")
    }

    @Test("a wrong password is named, tried again, and no busy loop")
    func wrongPassword() throws {
      let redis = try OutsideRedis()
      let line = try RedisWire(path: redis.socketPath)
      try line.ask("CONFIG", "SET", "requirepass", "right")
      let server = try Server(["--redis", redis.url.replacing("unix:", with: "unix://:wrong@")])
      try server.program.line(with: "redis is noauth")
      #expect(try server.redisState() == "noauth")
      try server.expectCalm()
      try line.ask("CONFIG", "SET", "requirepass", "wrong")
      try Deadline.until(5, "it is let in") { try server.redisState() == "up" }
      try server.count(becomes: 0)
    }

    @Test("a Redis that stands still is slow before it is anything else, and echo goes on at once")
    func slow() throws {
      let redis = try OutsideRedis()
      let server = try Server(["--redis", redis.url])
      let client = try server.client("/ws?mode=echo&notify=0")
      redis.program.signal(SIGSTOP)
      defer { redis.program.signal(SIGCONT) }
      try Deadline.until(8, "it is slow") { try server.redisState() == "slow" }
      let asked = Deadline.now
      try client.send("now?")
      #expect(try client.text() == "echo: now?")
      #expect(Deadline.isWithin(0.5, since: asked))
      // Given up, it is as good as away: each worker's sockets hear each other.
      let alone = try (0..<8).map { _ in try server.client("/ws?mode=chat&notify=0") }
      try Deadline.until(12, "one of the others hears it") {
        try alone[0].send("anyone?")
        return alone.dropFirst().contains { (try? $0.text(within: 0.05)) == "anyone?" }
      }
      redis.program.signal(SIGCONT)
      try Deadline.until(10, "it passes") { try server.redisState() == "up" }
    }

    @Test("a Redis that comes back empty is followed on: workers are replaced, and words arrive")
    func emptied() throws {
      let redis = try OutsideRedis()
      let server = try Server(["--redis", redis.url])
      let clients = try (0..<6).map { _ in try server.client("/ws?notify=0") }
      #expect(try server.http("POST", "/broadcast", body: #"{"message": "before"}"#).status == 200)
      for client in clients { #expect(try client.text() == "before") }
      try redis.restart(["--appendonly", "no"])
      try server.count(becomes: 6, within: 10)
      try Deadline.until(10, "the host is known again") {
        try RedisWire(path: redis.socketPath).ask("SCARD", RedisWire.key("hosts")) == .number(1)
      }
      let order = ["roll", "--wait", "--redis", redis.url]
      let roll = try Program(Program.path("wsconsole"), order, in: server.sandbox)
      #expect(try roll.exitCode(within: 20, "the roll is over") == 0, "\(roll.output)")
      #expect(try server.http("POST", "/broadcast", body: #"{"message": "after"}"#).status == 200)
      for client in clients { #expect(try client.text() == "after") }
    }

    @Test(
      "redis_channel: a stranger's word reaches each socket of each worker once, before and after a restart")
    func stranger() throws {
      let redis = try OutsideRedis()
      let server = try Server(["--redis", redis.url], environment: ["REDIS_CHANNEL": "broadcast"])
      let clients = try (0..<12).map { _ in try server.client("/ws?notify=0") }
      try publish("hello from PHP", to: 2, redis)
      for client in clients { #expect(try client.text() == "hello from PHP") }
      try redis.restart()
      try server.count(becomes: 12, within: 10)
      try Deadline.until(5, "every worker has Redis again") { try server.redisState() == "up" }
      try publish("again", to: 2, redis)
      for client in clients { #expect(try client.text() == "again") }
      // Nothing comes twice: the next each of them hears is its own word.
      try clients[3].send("end")
      #expect(try clients[3].text() == "echo: end")
      for (index, client) in clients.enumerated() where index != 3 { #expect(try client.text() == "end") }
    }

    /// Once so many listen.
    private func publish(_ text: String, to listeners: Int, _ redis: OutsideRedis) throws {
      let line = try RedisWire(path: redis.socketPath)
      try Deadline.until(5, "\(listeners) listeners") {
        try line.ask("PUBSUB", "NUMSUB", "broadcast") == .list([.text("broadcast"), .number(listeners)])
      }
      #expect(try line.ask("PUBLISH", "broadcast", text) == .number(listeners))
    }
  }
}
