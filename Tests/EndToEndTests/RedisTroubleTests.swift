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
      #expect(try state(server) == "down")
      try redis.restart()
      let came = Deadline.now
      try Deadline.until(5, "it is well") { try server.http("GET", "/").body.contains(#""status": "ok""#) }
      #expect(Deadline.now - came < 1.5)
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
      #expect(try state(server) == "noauth")
      let processes = server.workers + [server.supervisor].compactMap { $0 }
      let before = try processes.map(wakeUps)
      poll(nil, 0, 2000)
      for (pid, count) in zip(processes, before) { #expect(try wakeUps(pid) - count < 200) }
      try line.ask("CONFIG", "SET", "requirepass", "wrong")
      try Deadline.until(5, "it is let in") { try state(server) == "up" }
      try server.count(becomes: 0)
    }

    @Test(
      "read-only, out of memory, denied: each by its name, sockets stay, and it passes",
      arguments: [
        ("readonly", [["REPLICAOF", "127.0.0.1", "1"]], [["REPLICAOF", "NO", "ONE"]]),
        ("oom", [["CONFIG", "SET", "maxmemory", "1"]], [["CONFIG", "SET", "maxmemory", "0"]]),
        (
          "noperm", [["ACL", "SETUSER", "default", "-hset", "-xadd"]],
          [["ACL", "SETUSER", "default", "+@all"]]
        ),
      ] as [(String, [[String]], [[String]])])
    func named(_ name: String, _ trouble: [[String]], _ cure: [[String]]) throws {
      let redis = try OutsideRedis()
      let server = try Server(["--redis", redis.url])
      let client = try server.client("/ws?mode=echo&notify=0")
      let line = try RedisWire(path: redis.socketPath)
      for command in trouble { _ = try line.ask(command) }
      try Deadline.until(8, "it is \(name)") { try state(server) == name }
      try server.program.line(with: "redis is \(name)")
      #expect(try server.http("GET", "/readyz").body.hasSuffix(#", "redis": "\#(name)"}"#))
      #expect(try server.http("POST", "/broadcast", body: #"{"message": "x"}"#).status == 503)
      try client.send("still here")
      #expect(try client.text() == "echo: still here")
      for command in cure { _ = try line.ask(command) }
      try Deadline.until(10, "it passes") { try state(server) == "up" }
      #expect(try server.http("POST", "/broadcast", body: #"{"message": "x"}"#).status == 200)
      #expect(try client.text() == "x")
    }

    @Test("a Redis that stands still is slow before it is anything else, and echo goes on at once")
    func slow() throws {
      let redis = try OutsideRedis()
      let server = try Server(["--redis", redis.url])
      let client = try server.client("/ws?mode=echo&notify=0")
      redis.program.signal(SIGSTOP)
      defer { redis.program.signal(SIGCONT) }
      try Deadline.until(8, "it is slow") { try state(server) == "slow" }
      let asked = Deadline.now
      try client.send("now?")
      #expect(try client.text() == "echo: now?")
      #expect(Deadline.now - asked < 0.5)
      redis.program.signal(SIGCONT)
      try Deadline.until(10, "it passes") { try state(server) == "up" }
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
      try Deadline.until(5, "every worker has Redis again") { try state(server) == "up" }
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

    /// What `sluice_redis_state` says; it must say exactly one thing.
    private func state(_ server: Server) throws -> String {
      let lines = try server.http("GET", "/metrics").body.split(separator: "\n")
      let on = lines.filter { $0.hasPrefix("sluice_redis_state{") && $0.hasSuffix(" 1") }
      guard on.count == 1 else { throw Trouble("\(on.count) states at once") }
      return String(on[0].split(separator: "\"")[1])
    }

    /// How often the process has gone to sleep by itself, which is how often it was woken.
    private func wakeUps(_ pid: pid_t) throws -> Int {
      let status = try String(contentsOfFile: "/proc/\(pid)/status")
      let line = status.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches") }
      return line.flatMap { Int($0.split(separator: "\t").last ?? "") } ?? 0
    }
  }
}
