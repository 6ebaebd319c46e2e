import Glibc
import Testing

extension EndToEnd {
  /// Processes that die unasked, and what goes on without them.
  @Suite(.serialized) struct CrashTests {
    @Test("a killed worker: every socket goes on, new ones do not wait, the next standby comes")
    func worker() throws {
      let server = try Server()
      try server.guarded()
      let (before, heirs) = (server.workers, server.standbys)
      let clients = try (0..<20).map { _ in try server.client("/ws?mode=echo&notify=0") }
      try server.count(becomes: 20)
      kill(before[0], SIGKILL)
      let start = Deadline.now
      let newcomers = try (0..<50).map { _ in try server.client("/ws?mode=echo&notify=0") }
      #expect(Deadline.isWithin(5, since: start))
      for client in clients + newcomers {
        try client.send("x")
        #expect(try client.text() == "echo: x")
      }
      try server.count(becomes: 70)
      #expect(server.workers == [heirs[0], before[1]])
      try server.program.line(with: "worker 0 (pid \(before[0])) ended")
      let wire = try server.askRedis()
      let host = try wire.ask("SMEMBERS", RedisWire.key("hosts")).list.first?.text ?? ""
      try Deadline.until(5, "the heir's record") {
        try wire.ask("HGET", RedisWire.key("worker:\(host):0"), "pid") == .text("\(heirs[0])")
      }
      #expect(try wire.events().contains { $0["kind"] == "crashed" && $0["slot"] == "0" })
      try server.guarded()
      #expect(server.standbys[0] != heirs[0])
    }

    @Test("worker and standby killed together: their sockets are gone, the count heals, a new worker comes")
    func both() throws {
      let server = try Server()
      try server.guarded()
      let before = server.workers
      let clients = try (0..<20).map { _ in try server.client("/ws?mode=echo&notify=0") }
      try server.count(becomes: 20)
      for pid in server.processes(ofSlot: 0).reversed() { kill(pid, SIGKILL) }
      let newcomers = try (0..<50).map { _ in try server.client("/ws?mode=echo&notify=0") }
      let kept = clients.filter { client in
        guard (try? client.send("x")) != nil else { return false }
        return (try? client.text()) == "echo: x"
      }
      #expect((1...19).contains(kept.count))
      try server.count(becomes: kept.count + newcomers.count)
      try Deadline.until(5, "two workers again") {
        let now = server.workers
        return now.count == 2 && !now.contains(before[0]) && now.contains(before[1])
      }
      for client in newcomers {
        try client.send("y")
        #expect(try client.text() == "echo: y")
      }
    }

    @Test("a worker that dies each time is not started without end")
    func crashLoop() throws {
      let server = try Server(workers: 1)
      let end = Deadline.now + 3
      var seen: Set<pid_t> = []
      while Deadline.now < end {
        for pid in server.standbys + server.workers {
          seen.insert(pid)
          kill(pid, SIGKILL)
        }
        poll(nil, 0, 2)
      }
      #expect((2...28).contains(seen.count), "\(seen.count) processes in 3 s")
      try Deadline.until(20, "it comes back when it is left alone") {
        (try? server.http("GET", "/readyz").status) == 200
      }
    }

    @Test("without Redis of its own: degraded, local, calm; and all is well again after")
    func embeddedRedis() throws {
      let server = try Server()
      // Stopped rather than killed at first: while it lives, nobody starts the next one.
      let redis = try #require(server.redis)
      kill(redis, SIGSTOP)
      defer { kill(redis, SIGCONT) }
      try Deadline.until(10, "a count nobody knows is not told") {
        try server.http("GET", "/").body.contains(
          #""status": "degraded", "local_active_connections": 0, "global_active_connections": null}"#)
      }
      kill(redis, SIGKILL)
      try Deadline.until(10, "the next redis-server") { server.redis.map { $0 != redis } == true }
      try server.count(becomes: 0, within: 10)
      try expectTalkAcrossWorkers(server)
      #expect(server.workers.count == 2)
    }

    @Test("without the Redis of others: local talk, 503 for broadcasts, no busy loop; and well again after")
    func outsideRedis() throws {
      let redis = try OutsideRedis()
      let server = try Server(["--redis", redis.url])
      let workers = server.workers
      let clients = try (0..<12).map { _ in try server.client("/ws?notify=0") }
      try redis.kill()
      try Deadline.until(10, "a count nobody knows is not told") {
        try server.http("GET", "/").body.contains(#""status": "degraded""#)
      }
      #expect(try server.http("GET", "/").body.hasSuffix(#""global_active_connections": null}"#))
      #expect(try server.http("GET", "/readyz").status == 200)
      let reply = try server.http("POST", "/broadcast", body: #"{"message": "x"}"#)
      #expect(reply.status == 503)
      #expect(reply.fields["retry-after"] != nil)
      try clients[0].send("anyone?")
      #expect(try clients[0].text() == "echo: anyone?")
      let heard = clients.dropFirst().count {
        $0.look(for: 0.3) == .text("anyone?")
      }
      #expect((1...11).contains(heard))
      let (before, start) = (try ticks(workers + [server.supervisor].compactMap { $0 }), Deadline.now)
      poll(nil, 0, 1000)
      let share =
        Double(try ticks(workers + [server.supervisor].compactMap { $0 }) - before) / 100
        / (Deadline.now - start)
      #expect(share < 0.2)
      try redis.restart()
      try server.count(becomes: 12, within: 10)
      try expectTalkAcrossWorkers(server)
      #expect(server.workers.sorted() == workers.sorted())
    }

    @Test("a killed supervisor: nobody notices, the next one leads, and a killed worker costs nobody again")
    func supervisor() throws {
      let server = try Server()
      try server.guarded()
      let clients = try (0..<20).map { _ in try server.client("/ws?mode=echo&notify=0") }
      let before = try #require(server.supervisor)
      let (workers, redis) = (server.workers, server.redis)
      kill(before, SIGKILL)
      try Deadline.until(2, "the next supervisor") { server.supervisor.map { $0 != before } == true }
      try expectEcho(clients)
      try Deadline.until(2, "it leads") {
        server.program.output.split(separator: "\n").count { $0.contains("listening on ") } == 2
      }
      #expect(server.workers == workers && server.redis == redis)
      let wire = try server.askRedis()
      let told = {
        try wire.ask("XREVRANGE", RedisWire.key("events"), "+", "-").list.compactMap { $0.list.last }
      }
      try Deadline.until(2, "the timeline tells it from a start") {
        try told().contains {
          $0.list.map(\.text).contains("the supervisor was gone: the next one leads 2 workers that serve on")
        }
      }
      let host = try wire.ask("SMEMBERS", RedisWire.key("hosts")).list.first?.text ?? ""
      try Deadline.until(2, "the host's record is the new one's") {
        let pid = try wire.ask("HGET", RedisWire.key("host:\(host)"), "pid").text
        let guarded = try wire.ask("HGET", RedisWire.key("host:\(host)"), "guarded").text
        return pid == server.supervisor.map(String.init) && guarded == "2"
      }
      kill(workers[0], SIGKILL)
      try expectEcho(clients)
      try server.guarded()
      for client in clients { try client.close() }
      server.program.signal(SIGTERM)
      #expect(try server.program.exitCode(within: 6, "it ends as ever") == 0)
      #expect(workers.allSatisfy { !isAlive($0) } && redis.map(isAlive) == false)
    }

    @Test("supervisor and a worker killed together: the standby does not wait for orders")
    func supervisorAndWorker() throws {
      let server = try Server()
      try server.guarded()
      let clients = try (0..<20).map { _ in try server.client("/ws?mode=echo&notify=0") }
      let supervisor = try #require(server.supervisor)
      let worker = server.workers[0]
      kill(supervisor, SIGKILL)
      kill(worker, SIGKILL)
      try expectEcho(clients)
      try server.guarded()
      #expect(server.workers.count == 2)
    }

    @Test("a worker and its standby that are late to greet the next supervisor keep their sockets")
    func late() throws {
      let server = try Server()
      try server.guarded()
      let clients = try (0..<20).map { _ in try server.client("/ws?mode=echo&notify=0") }
      let before = try #require(server.supervisor)
      let workers = server.workers
      let late = server.processes(ofSlot: 0)
      for pid in late { kill(pid, SIGSTOP) }
      kill(before, SIGKILL)
      try Deadline.until(2, "the next supervisor") { server.supervisor.map { $0 != before } == true }
      // Longer than those who stand still are waited for once others have come.
      let rest = Deadline.look(seconds: 1.6, "they are late")
      try Deadline.until(2, rest.reason) { rest.isOver }
      for pid in late { kill(pid, SIGCONT) }
      try expectEcho(clients)
      try Deadline.until(5, "it leads") {
        server.program.output.split(separator: "\n").count { $0.contains("listening on ") } == 2
      }
      try server.guarded()
      try expectEcho(clients)
      #expect(server.workers == workers)
    }

    private func expectEcho(_ clients: [WebClient]) throws {
      for client in clients {
        try client.send("x")
        #expect(try client.text() == "echo: x")
      }
    }

    /// Many listeners, so that some are on each worker; the streams may need a moment to be followed again.
    private func expectTalkAcrossWorkers(_ server: Server) throws {
      let speaker = try server.client("/ws?mode=chat&notify=0")
      let others = try (0..<12).map { _ in try server.client("/ws?notify=0") }
      var round = 0
      try Deadline.until(15, "a word reaches every worker") {
        round += 1
        try speaker.send("round \(round)")
        return others.allSatisfy { other in
          while let heard = other.look(for: 0.5) {
            if heard == .text("round \(round)") { return true }
          }
          return false
        }
      }
      // Each worker finds its own way back to Redis, in its own time.
      try Deadline.until(10, "every worker takes broadcasts") {
        try (0..<8).allSatisfy { _ in
          try server.http("POST", "/broadcast", body: #"{"message": "x"}"#).status == 200
        }
      }
    }

    private func ticks(_ pids: [pid_t]) throws -> Int {
      try pids.reduce(0) { sum, pid in
        let text = try String(contentsOfFile: "/proc/\(pid)/stat")
        let fields = text.split(separator: ")")[1].split(separator: " ")
        return sum + (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0)
      }
    }

    /// A zombie that nobody has buried yet is dead enough.
    private func isAlive(_ pid: pid_t) -> Bool {
      guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat"), !text.isEmpty else { return false }
      return !text.split(separator: ")")[1].hasPrefix(" Z")
    }
  }
}
