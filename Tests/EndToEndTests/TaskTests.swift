import Glibc
import Testing

extension EndToEnd {
  /// Tasks from the request to the effect.
  @Suite(.serialized) struct TaskTests {
    @Test("a task is taken in, done, and can be asked for by both projects' paths")
    func paths() throws {
      let server = try Server()
      let reply = try server.http("POST", "/v1/create-task/", body: #"{"kind": "sleep", "payload": 0.2}"#)
      let id = try Server.member("task_id", of: reply.body)
      #expect(reply.status == 202)
      #expect(reply.body == #"{"task_id": "\#(id)", "message": "Task \#(id) Queued"}"#)
      let late = try server.task(#"{"kind": "broadcast", "payload": {"message": "x", "delay": 600}}"#)
      try server.task(id, becomes: "done")
      #expect(try server.http("GET", "/v1/get_queue_length/").body == #"{"task_lenth": 1}"#)
      let one = try server.http("GET", "/v1/tasks/\(id)").body
      #expect(one == (try server.http("GET", "/tasks/\(id)/").body))
      #expect(
        one.hasPrefix(
          #"{"task_id": "\#(id)", "status": "done", "message": "Task \#(id) Done", "attempt": 1, "#))
      let list = try server.http("GET", "/tasks").body
      let newer = try #require(list.firstRange(of: late))
      let older = try #require(list.firstRange(of: id))
      #expect(newer.lowerBound < older.lowerBound)
      let queued = try server.http("GET", "/tasks?status=queued").body
      #expect(queued.contains(late) && !queued.contains(id))
      #expect(try server.http("GET", "/tasks?limit=1").body.contains(late))
      let metrics = try server.http("GET", "/metrics").body
      #expect(metrics.contains("\nsluice_tasks_accepted_total 2\n"))
      #expect(metrics.contains("\nsluice_tasks_done_total 1\n"))
    }

    @Test("what is no task is refused, and leaves nothing behind")
    func refused() throws {
      let server = try Server(workers: 1)
      let questions = [
        ("POST", "/tasks", "{", 422), ("POST", "/tasks", #"{"kind": "dance"}"#, 422),
        ("POST", "/tasks", #"{"kind": "webhook", "payload": {"url": "http://127.0.0.1:1/"}}"#, 422),
        ("GET", "/tasks/nobody", "", 404), ("GET", "/tasks/a%2Fb", "", 404),
        ("GET", "/tasks?status=lost", "", 422),
        ("GET", "/tasks?limit=0", "", 422), ("GET", "/tasks?limit=201", "", 422),
        ("DELETE", "/tasks", "", 405),
        ("GET", "/v1/create-task/", "", 405), ("GET", "/ws/tasks?task_id=a%20b", "", 400),
        ("GET", "/ws/tasks", "", 426),
      ]
      for (method, path, body, status) in questions {
        let reply = try server.http(method, path, body: body)
        #expect(reply.status == status, "\(method) \(path) \(body)")
      }
      #expect(try server.http("GET", "/v1/get_queue_length/").body == #"{"task_lenth": 0}"#)
    }

    @Test("who has no token takes no task in and sees no list")
    func guarded() throws {
      let server = try Server(["--admin-token", "secret"], workers: 1)
      let body = #"{"kind": "sleep", "payload": 0}"#
      #expect(try server.http("POST", "/tasks", body: body).status == 401)
      #expect(try server.http("GET", "/tasks").status == 401)
      let token = ["Authorization: Bearer secret"]
      #expect(try server.http("POST", "/tasks", body: body, fields: token).status == 202)
      #expect(try server.http("GET", "/tasks", fields: token).status == 200)
    }

    @Test("the same key is the same task, on every worker, and its effect happens once")
    func idempotent() throws {
      let server = try Server()
      let body = #"{"kind": "broadcast", "payload": "once", "idempotency_key": "order 7"}"#
      let ids = try (0..<20).map { _ in try server.task(body) }
      #expect(Set(ids).count == 1)
      try server.task(ids[0], becomes: "done")
      #expect(try server.askRedis().effects() == [ids[0]: 1])
    }

    @Test("a broadcast reaches the halls it names, not before its time")
    func broadcast() throws {
      let server = try Server()
      let clients = try (0..<4).map { _ in try server.client("/ws?notify=0") }
      let watcher = try server.client(
        "/ws/tasks?task_id=\(try server.task(#"{"kind": "sleep", "payload": 60}"#))")
      #expect(try watcher.event().attempt == "1")
      let start = Deadline.now
      _ = try server.task(
        #"{"kind": "broadcast", "payload": {"message": {"n": 1}, "delay": 0.7, "halls": ["ws"]}}"#)
      for client in clients { #expect(try client.text() == #"{"n": 1}"#) }
      #expect(Deadline.now - start > 0.69 && Deadline.isWithin(3, since: start))
      _ = try server.task(#"{"kind": "broadcast", "payload": {"message": "to all"}}"#)
      for client in clients { #expect(try client.text() == "to all") }
      var heard = try watcher.text()
      if heard.contains("running") { heard = try watcher.text() }
      #expect(heard == #"{"type": "broadcast", "message": "to all"}"#)
    }

    @Test(
      "who watches one task hears how it stands and each change; who watches all hears all; nobody hears twice"
    )
    func watching() throws {
      let server = try Server()
      let all = try server.client("/ws/tasks/")
      let id = try server.task(#"{"kind": "sleep", "payload": 1.5}"#)
      let other = try server.task(#"{"kind": "broadcast", "payload": {"message": "x", "halls": ["ws"]}}"#)
      try server.task(id, becomes: "running")
      let one = try (0..<8).map { _ in try server.client("/ws/tasks?task_id=\(id)") }
      for client in one {
        #expect(try client.event() == (id, "running", "1"))
        #expect(try client.event() == (id, "done", "1"))
      }
      var heard: [String: [String]] = [:]
      while heard.values.joined().count < 6 {
        let event = try all.event()
        heard[event.task, default: []].append(event.status)
      }
      #expect(heard == [id: ["queued", "running", "done"], other: ["queued", "running", "done"]])
      let late = try server.client("/ws/tasks?task_id=\(id)")
      #expect(try late.event() == (id, "done", "1"))
      let stranger = try server.client("/ws/tasks?task_id=nobody")
      #expect(try stranger.next() == .close(1008))
    }

    @Test(
      "a client for whom a task is done hears of it, on whatever worker it is; a watcher of sluice.v1, too")
    func client() throws {
      let server = try Server()
      let ada = try server.client("/ws/ada?notify=0")
      let bob = try server.client("/ws/bob?notify=0")
      let watcher = try server.client("/ws/tasks", fields: ["Sec-WebSocket-Protocol: sluice.v1"])
      #expect(try watcher.text().contains(#""type":"welcome""#))
      let id = try server.task(#"{"kind": "sleep", "payload": 0, "client_id": "ada"}"#)
      for status in ["queued", "running", "done"] {
        #expect(try ada.event() == (id, status, "1"))
        let text = try watcher.text()
        #expect(text.hasPrefix(#"{"type":"task","offset":""#) && text.contains(#""status": "\#(status)""#))
      }
      _ = try server.http("POST", "/broadcast", body: #"{"message": "last"}"#)
      #expect(try bob.text() == "last")
      #expect(try ada.text() == "last")
    }

    @Test("without Redis a task is refused with Retry-After; in a drain, too")
    func away() throws {
      let redis = try OutsideRedis()
      let server = try Server(["--redis", redis.url, "--drain-preset", "patient"], workers: 1)
      let body = #"{"kind": "sleep", "payload": 0}"#
      try redis.kill()
      let away = try server.http("POST", "/tasks", body: body)
      #expect(away.status == 503 && away.fields["retry-after"] == "2")
      #expect(try server.http("GET", "/tasks/x").status == 503)
      try redis.restart()
      try Deadline.until(10, "tasks are taken in again") {
        try server.http("POST", "/tasks", body: body).status == 202
      }
      let client = try server.client("/ws?notify=0")
      server.program.signal(SIGTERM)
      try Deadline.until(5, "the drain is on") { try server.http("GET", "/readyz").status == 503 }
      let draining = try server.http("POST", "/tasks", body: body)
      #expect(draining.status == 503 && draining.fields["retry-after"] == "2")
      #expect(draining.body.contains("shutting down"))
      try client.close()
      #expect(try server.program.exitCode(within: 10, "nobody is left") == 0)
    }

    @Test("a drain that is taken back takes tasks in, and runs them, again")
    func takenBack() throws {
      let server = try Server(["--drain-preset", "patient"])
      let client = try server.client("/ws?notify=0")
      let late = try server.task(#"{"kind": "broadcast", "payload": {"message": "x", "delay": 0.5}}"#)
      #expect(try server.order("drain").code == 0)
      try Deadline.until(5, "the drain is on") { try server.http("GET", "/readyz").status == 503 }
      #expect(try server.http("POST", "/tasks", body: #"{"kind": "sleep"}"#).status == 503)
      #expect(client.look(for: 1.2) == nil)
      #expect(try server.status(of: late) == "queued")
      #expect(try server.order("undrain").code == 0)
      try server.task(late, becomes: "done")
      try server.task(server.task(#"{"kind": "sleep", "payload": 0}"#), becomes: "done")
    }
  }
}
