import Glibc
import Testing

extension EndToEnd {
  /// Each state a Redis can be in has its name, everywhere, and is waited for in peace.
  @Suite(.serialized) struct RedisStatesTests {
    @Test(
      "read-only, out of memory, denied: each by its name, sockets stay, and it passes",
      arguments: [
        ("readonly", [["REPLICAOF", "127.0.0.1", "1"]], [["REPLICAOF", "NO", "ONE"]]),
        ("oom", [["CONFIG", "SET", "maxmemory", "1"]], [["CONFIG", "SET", "maxmemory", "0"]]),
        (
          "noperm", [["ACL", "SETUSER", "default", "-hset", "-xadd"]],
          [["ACL", "SETUSER", "default", "+@all"]]
        ),
        (
          "wrongtype",
          [["DEL", "sluice:{default}:bus:0"], ["SET", "sluice:{default}:bus:0", "another's"]],
          [["DEL", "sluice:{default}:bus:0"]]
        ),
      ] as [(String, [[String]], [[String]])])
    func refused(_ name: String, _ trouble: [[String]], _ cure: [[String]]) throws {
      let redis = try OutsideRedis()
      let server = try Server(["--redis", redis.url])
      let line = try RedisWire(path: redis.socketPath)
      try expect(name, of: server, within: 8) {
        for command in trouble { _ = try line.ask(command) }
      } cure: {
        for command in cure { _ = try line.ask(command) }
      }
    }

    @Test(
      "one that takes no writes: who needs nothing of it comes in, a worker's sockets hear each other, and it is told later"
    )
    func newcomers() throws {
      let redis = try OutsideRedis()
      let server = try Server(["--redis", redis.url], workers: 1)
      let line = try RedisWire(path: redis.socketPath)
      let (one, other) = (try server.client("/ws?notify=0"), try server.client("/ws?notify=0"))
      let zed = try server.client("/ws/zed")
      #expect(try server.http("PUT", "/groups/g/members/zed").status == 200)
      let token = try server.http("POST", "/reconnect-token/eve").body.split(separator: "\"")[3]
      try line.ask("REPLICAOF", "127.0.0.1", "1")
      try Deadline.until(8, "it is read-only") { try server.redisState() == "readonly" }
      try one.send("anyone?")
      #expect(try one.text() == "echo: anyone?")
      #expect(try other.text() == "anyone?")
      let ada = try server.client("/ws/ada")
      try ada.send("hello")
      for client in [ada, zed] { #expect(try client.text() == #"{"user": "ada", "message": "hello"}"#) }
      // The newer of two with one name stays, as ever.
      let newer = try server.client("/ws/zed")
      #expect(try zed.ending() == "1000 reconnected")
      // Whether a token was used already, nobody can tell now.
      let refused = #expect(throws: WebClient.Refused.self) { try server.client("/ws/eve?token=\(token)") }
      #expect(refused?.reply.status == 503 && refused?.reply.fields["retry-after"] != nil)
      try line.ask("REPLICAOF", "NO", "ONE")
      for (name, client) in [("ada", ada), ("zed", newer)] {
        try Deadline.until(12, "\(name) is found") {
          try server.http("POST", "/clients/\(name)/messages", body: #"{"message": "found"}"#).body
            == #"{"delivered": true}"#
        }
        #expect(try client.text() == "found")
      }
      let told = try server.http("POST", "/groups/g/messages", body: #"{"message": "for g"}"#)
      #expect(told.body.hasSuffix(#""members": 1, "delivered": 1}"#), "\(told.body)")
      #expect(try newer.text() == "for g")
    }

    @Test("one that takes no writes is asked no more the longer it lasts, however many clients are here")
    func noStorm() throws {
      let redis = try OutsideRedis()
      let server = try Server(["--redis", redis.url], workers: 1)
      let line = try RedisWire(path: redis.socketPath)
      let clients = try (0..<40).map { try server.client("/ws/user\($0)") }
      try line.ask("REPLICAOF", "127.0.0.1", "1")
      let key = RedisWire.key(
        "sockets:\(try line.ask("SMEMBERS", RedisWire.key("hosts")).list.first?.text ?? ""):0")
      try Deadline.until(12, "the list of sockets is forgotten") { try line.ask("EXISTS", key) == .number(0) }
      let before = try scripts(line)
      // Three times the worker looks whether it is still listed.
      let (start, asked) = (Deadline.now, try calls("hget", line))
      try Deadline.until(10, "it has looked three times") { try calls("hget", line) >= asked + 3 }
      let rate = Double(try scripts(line) - before) / max(1, Deadline.now - start)
      #expect(rate < 20, "\(rate) scripts a second")
      withExtendedLifetime(clients) {}
    }

    private func scripts(_ line: RedisWire) throws -> Int { try calls("evalsha", line) }

    private func calls(_ command: String, _ line: RedisWire) throws -> Int {
      let text = try line.ask("INFO", "commandstats").text ?? ""
      let digits = text.split(separator: "cmdstat_\(command):calls=").dropFirst().first?.prefix(
        while: \.isNumber)
      return digits.flatMap { Int($0) } ?? 0
    }

    @Test("a Redis that reads its file is loading, and within a second of its end all is well")
    func loading() throws {
      let redis = try OutsideRedis()
      let server = try Server(["--redis", redis.url])
      let line = try RedisWire(path: redis.socketPath)
      // Four seconds of file: a thousandth for each key.
      let value = String(repeating: "x", count: 1024)
      for number in 0..<4000 { try line.ask("SET", "other:\(number)", value) }
      try line.ask("BGREWRITEAOF")
      try Deadline.until(10, "its file is written anew") {
        try line.ask("INFO", "persistence").text?.contains("aof_rewrite_in_progress:0") ?? false
      }
      try expect("loading", of: server, within: 3) {
        try redis.restart(
          ["--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024"], isSlow: true)
      } cure: {
      }
    }

    @Test("a node of a cluster whose data are another's has moved, and may take them over")
    func moved() throws {
      let sandbox = try Sandbox()
      let (own, other) = (String(repeating: "a", count: 40), String(repeating: "b", count: 40))
      try write(
        """
        \(own) 127.0.0.1:0@1 myself,master - 0 0 0 connected
        \(other) 127.0.0.1:1@1 master - 0 0 1 connected 0-16383
        vars currentEpoch 1 lastVoteEpoch 0

        """, to: "\(sandbox.path)/nodes.conf")
      let redis = try OutsideRedis(
        [
          "--cluster-enabled", "yes", "--cluster-node-timeout", "600000", "--bind", "127.0.0.1",
          "--cluster-port",
          "\(try freePort())",
        ], in: sandbox)
      let line = try RedisWire(path: redis.socketPath)
      try Deadline.until(10, "it sends others elsewhere") {
        guard case .error(let words) = try line.ask("SET", "a", "b") else { return false }
        return words.hasPrefix("MOVED")
      }
      let server = try Server(["--redis", redis.url])
      try expect("moved", of: server, within: 8) {
      } cure: {
        try line.ask("CLUSTER", "FORGET", other)
        try line.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
      }
    }

    /// Log, `/readyz`, `/status` and `/metrics` say it; sockets stay; nobody spins; afterwards all is well.
    private func expect(
      _ name: String, of server: Server, within seconds: Double, trouble: () throws -> Void,
      cure: () throws -> Void
    ) throws {
      let client = try server.client("/ws?mode=echo&notify=0")
      try trouble()
      try Deadline.until(seconds, "it is \(name)") { try server.redisState() == name }
      try server.program.line(with: "redis is \(name)")
      #expect(try server.http("GET", "/readyz").body.hasSuffix(#", "redis": "\#(name)"}"#))
      let status = try server.http("GET", "/status").body
      #expect(status.contains(#""state": "\#(name)""#) && status.contains(#""status": "degraded""#))
      #expect(try server.http("POST", "/broadcast", body: #"{"message": "x"}"#).status == 503)
      try client.send("still here")
      #expect(try client.text() == "echo: still here")
      try server.expectCalm()
      try cure()
      try Deadline.until(12, "it passes") { try server.redisState() == "up" }
      try Deadline.until(5, "broadcasts are taken") {
        try server.http("POST", "/broadcast", body: #"{"message": "x"}"#).status == 200
      }
      #expect(try client.text() == "x")
    }

    private func write(_ text: String, to path: String) throws {
      guard let file = fopen(path, "w") else { throw Trouble("cannot write \(path)") }
      fputs(text, file)
      fclose(file)
    }

    /// One that nobody listened on a moment ago.
    private func freePort() throws -> UInt16 {
      let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
      defer { close(number) }
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = inet_addr("127.0.0.1")
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let isBound = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(number, $0, length) == 0 && getsockname(number, $0, &length) == 0
        }
      }
      guard isBound else { throw Trouble("no port: errno \(errno)") }
      return UInt16(bigEndian: address.sin_port)
    }
  }
}

extension Server {
  /// What `sluice_redis_state` says; it must say exactly one thing.
  func redisState() throws -> String {
    let lines = try http("GET", "/metrics").body.split(separator: "\n")
    let on = lines.filter { $0.hasPrefix("sluice_redis_state{") && $0.hasSuffix(" 1") }
    guard on.count == 1 else { throw Trouble("\(on.count) states at once") }
    return String(on[0].split(separator: "\"")[1])
  }

  /// Neither supervisor nor workers are awake all the time.
  func expectCalm() throws {
    let processes = workers + [supervisor].compactMap { $0 }
    let before = try processes.map(wakeUps)
    poll(nil, 0, 1500)
    for (pid, count) in zip(processes, before) {
      let wakings = try wakeUps(pid) - count
      #expect(wakings < 200)
    }
  }

  /// How often the process has gone to sleep by itself, which is how often it was woken.
  private func wakeUps(_ pid: pid_t) throws -> Int {
    let status = try String(contentsOfFile: "/proc/\(pid)/status")
    let line = status.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches") }
    return line.flatMap { Int($0.split(separator: "\t").last ?? "") } ?? 0
  }
}
