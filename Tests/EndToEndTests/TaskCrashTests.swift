import Glibc
import Testing

extension EndToEnd {
  /// Tasks while those who run them die.
  @Suite(.serialized) struct TaskCrashTests {
    @Test("six hundred tasks while workers are killed: each effect once, each change told once and in order")
    func killed() throws {
      let server = try Server()
      try server.guarded()
      let sleeper = try server.task(#"{"kind": "sleep", "payload": 2}"#)
      let watcher = try server.client("/ws/tasks?task_id=\(sleeper)")
      let all = try server.client("/ws/tasks")
      var ids: [String] = []
      var kills = 0
      var next = Deadline.now
      while ids.count < 600 {
        if Deadline.now > next {
          if try server.areGuarded(), let victim = server.workers.randomElement() {
            kill(victim, SIGKILL)
            kills += 1
          }
          next = Deadline.now + 0.2
        }
        let payload = #"{"message": "\#(ids.count)", "halls": ["ws"]}"#
        let body = #"{"kind": "broadcast", "payload": \#(payload), "idempotency_key": "k\#(ids.count)"}"#
        // Of a worker that dies with the question the answer is lost; the key makes asking again harmless.
        if let id = try? server.task(body) { ids.append(id) }
      }
      #expect(kills >= 3)
      try server.explained {
        for id in ids { try server.task(id, becomes: "done", within: 20) }
        try server.task(sleeper, becomes: "done")
      }
      let effects = try server.askRedis().effects()
      #expect(effects.count == 600 && effects.values.allSatisfy { $0 == 1 })
      #expect(Set(ids).count == 600 && Set(ids) == Set(effects.keys))
      #expect(try server.http("GET", "/v1/get_queue_length/").body == #"{"task_lenth": 0}"#)
      var told: [String: [String]] = [:]
      while told.values.joined().count < 3 * ids.count {
        let event = try all.event()
        if event.task != sleeper { told[event.task, default: []].append(event.status) }
      }
      #expect(told.count == 600 && told.values.allSatisfy { $0 == ["queued", "running", "done"] })
      var heard: [String] = []
      while heard.last != "done" { heard.append(try watcher.event().status) }
      #expect(heard == Array(["queued", "running", "done"].suffix(heard.count)) && heard.count >= 2)
    }

    @Test("Redis dies and comes back in the middle: nothing is lost, nothing happens twice")
    func redis() throws {
      let redis = try OutsideRedis()
      let server = try Server(["--redis", redis.url])
      var ids: [String] = []
      var restarts = 0
      let sleeper = try server.task(#"{"kind": "sleep", "payload": 3}"#)
      while ids.count < 300 {
        let body =
          #"{"kind": "broadcast", "payload": {"message": "x", "delay": 0.2}, "idempotency_key": "k\#(ids.count)"}"#
        if let id = try? server.task(body) { ids.append(id) } else { poll(nil, 0, 20) }
        if ids.count == 100 * (restarts + 1), restarts < 2 {
          try redis.restart()
          restarts += 1
        }
      }
      for id in ids { try server.task(id, becomes: "done", within: 20) }
      try server.task(sleeper, becomes: "done")
      let effects = try RedisWire(path: redis.socketPath).effects()
      #expect(Set(effects.keys) == Set(ids) && ids.count == 300 && effects.values.allSatisfy { $0 == 1 })
    }

    @Test("a host that dies with a call leaves it to another, once its lease is over")
    func host() throws {
      let redis = try OutsideRedis()
      let receiver = try Receiver()
      let arguments = ["--redis", redis.url, "--webhook-allow", "127.0.0.1:\(receiver.port)"]
      let first = try Server(arguments + ["--host-id", "one"], workers: 1)
      let url = "http://127.0.0.1:\(receiver.port)/slow"
      let id = try first.task(#"{"kind": "webhook", "payload": {"url": "\#(url)"}}"#)
      try first.task(id, becomes: "running")
      try Deadline.until(5, "the call is made") { receiver.letters.count == 1 }
      first.killAll()
      let second = try Server(arguments + ["--host-id", "two"], workers: 1)
      try second.task(id, becomes: "done", within: 25)
      #expect(receiver.letters.map(\.key) == [id, id])
      #expect(try second.http("GET", "/metrics").body.contains("\nsluice_tasks_claimed_total 1\n"))
    }

    @Test("a host that goes lets short calls end")
    func ending() throws {
      let redis = try OutsideRedis()
      let receiver = try Receiver()
      let arguments = ["--redis", redis.url, "--webhook-allow", "127.0.0.1:\(receiver.port)"]
      let first = try Server(arguments + ["--host-id", "one"], workers: 1)
      let url = "http://127.0.0.1:\(receiver.port)/slow"
      let ids = try (0..<5).map { _ in
        try first.task(#"{"kind": "webhook", "payload": {"url": "\#(url)"}}"#)
      }
      try Deadline.until(5, "the calls are made") { receiver.letters.count == 5 }
      first.program.signal(SIGTERM)
      #expect(try first.program.exitCode(within: 10, "it goes") == 0)
      let line = try RedisWire(path: redis.socketPath)
      for id in ids { #expect(try line.ask("HGET", RedisWire.key("task:\(id)"), "status") == .text("done")) }
      #expect(receiver.letters.count == 5)
    }

    @Test("a host that goes gives back what it has not ended, and its name in the group")
    func leaving() throws {
      let redis = try OutsideRedis()
      let receiver = try Receiver()
      let arguments = [
        "--redis", redis.url, "--webhook-allow", "127.0.0.1:\(receiver.port)", "--drain-preset", "now",
      ]
      let first = try Server(arguments + ["--host-id", "one"], workers: 1)
      let url = "http://127.0.0.1:\(receiver.port)/stuck"
      let ids = try (0..<5).map { _ in
        try first.task(#"{"kind": "webhook", "payload": {"url": "\#(url)"}}"#)
      }
      try Deadline.until(5, "the calls are made") { receiver.letters.count == 5 }
      first.program.signal(SIGTERM)
      #expect(try first.program.exitCode(within: 10, "it goes") == 0)
      let line = try RedisWire(path: redis.socketPath)
      #expect(try line.ask("XINFO", "CONSUMERS", RedisWire.key("tasks"), "workers").list.isEmpty)
      let second = try Server(arguments + ["--host-id", "two"], workers: 1)
      for id in ids { try second.task(id, becomes: "done", within: 8) }
    }
  }
}
