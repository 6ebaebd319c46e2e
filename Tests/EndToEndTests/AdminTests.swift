import Foundation
import Testing

extension EndToEnd {
  /// An operator's commands over HTTP.
  @Suite(.serialized) struct AdminTests {
    private func json(_ reply: Reply) throws -> [String: Any] {
      let object = try JSONSerialization.jsonObject(with: Data(reply.body.utf8))
      return try #require(object as? [String: Any], "\(reply.body)")
    }

    @Test("a roll is accepted under the id that the timeline knows, and replaces both workers")
    func roll() throws {
      let server = try Server()
      try server.guarded()
      let before = Set(server.workers)
      let client = try server.client("/ws?mode=echo&notify=0")
      let reply = try server.http("POST", "/admin/roll")
      #expect(reply.status == 202)
      let answer = try json(reply)
      #expect(answer["verb"] as? String == "roll")
      let answers = try #require(answer["answers"] as? [[String: String]])
      #expect(answers.count == 1 && answers.first?["answer"] == "done")
      #expect(answers.first?["host"] == answer["target"] as? String)
      let id = try #require(answer["command"] as? String)
      let events = try server.askRedis().events().filter { $0["command"] == id && $0["answer"] == "done" }
      #expect(events.count == 1 && events.first?["text"]?.hasPrefix("roll by http 127.0.0.1") == true)
      try Deadline.until(20, "both workers are others") {
        let now = Set(server.workers)
        return now.count == 2 && now.isDisjoint(with: before)
      }
      try client.send("still here")
      #expect(try client.text() == "echo: still here")
    }

    @Test("what the host refuses is 409 with its reason; what nobody understands is 422 and not sent")
    func refused() throws {
      let server = try Server(workers: 1)
      let refusal = try server.http("POST", "/admin/undrain")
      #expect(refusal.status == 409)
      #expect(try json(refusal)["detail"] as? String == "there is no drain to take back")
      let sent = try server.askRedis().ask("XLEN", RedisWire.key("control")).number
      for body in ["{", "[]", #"{"preset": "gentle"}"#, #"{"force": "yes"}"#] {
        #expect(try server.http("POST", "/admin/drain", body: body).status == 422)
      }
      #expect(try server.askRedis().ask("XLEN", RedisWire.key("control")).number == sent)
      #expect(try server.http("GET", "/admin/drain").status == 405)
    }

    @Test("a host that is not there does not answer: 504 after five seconds")
    func silent() throws {
      let server = try Server(workers: 1)
      let start = Deadline.now
      let reply = try server.http("POST", "/admin/roll", body: #"{"target": "nobody"}"#)
      #expect(reply.status == 504 && Deadline.now - start > 4.9)
      #expect(try json(reply)["detail"] as? String == "nobody has not answered")
    }

    @Test("a drain by its preset: health says so, undrain takes it back, the last one ends the server")
    func drain() throws {
      let server = try Server()
      let client = try server.client("/ws?notify=0")
      #expect(try server.http("GET", "/v1/health").body == #"{"status": "healthy"}"#)
      #expect(try server.http("POST", "/admin/drain", body: #"{"preset": "patient"}"#).status == 202)
      let health = try server.http("GET", "/v1/health")
      #expect(health.status == 503 && health.body == #"{"status": "Service Under Graceful Shutdown"}"#)
      #expect(try server.http("GET", "/livez").status == 200)
      #expect(try server.http("POST", "/admin/undrain").status == 202)
      try Deadline.until(5, "it serves again") { try server.http("GET", "/v1/health").status == 200 }
      #expect(
        try server.http("POST", "/admin/drain", body: #"{"preset": "now", "target": "*"}"#).status == 202)
      guard case .close = try client.next(within: 10, "the end of the socket") else {
        throw Trouble("no close")
      }
      #expect(try server.program.exitCode(within: 20, "the server ends") == 0)
    }

    @Test(
      "a drain in the middle of a roll: whoever serves answers, and the server ends as it should",
      arguments: [false, true])
    func drainInRoll(isTakenOver: Bool) throws {
      let server = try Server(workers: 1)
      try server.guarded(slots: 1)
      let before = server.workers
      #expect(try server.http("POST", "/admin/roll").status == 202)
      if isTakenOver {
        try Deadline.until(10, "the successor serves") { server.workers.first != before.first }
      }
      #expect(try server.http("POST", "/admin/drain", body: #"{"preset": "now"}"#).status == 202)
      _ = try server.program.line(with: "drain ledger: start=0")
      #expect(try server.program.exitCode(within: 20, "the server ends") == 0)
    }

    @Test("with a token nobody commands without it; without one no page of another origin does")
    func admission() throws {
      let guarded = try Server(["--admin-token", "s3cret"], workers: 1)
      #expect(try guarded.http("POST", "/admin/undrain").status == 401)
      let known = ["Authorization: Bearer s3cret"]
      #expect(try guarded.http("POST", "/admin/undrain", fields: known).status == 409)
      let open = try Server(workers: 1)
      for (path, body) in [("/admin/drain", ""), ("/broadcast", #"{"message": "x"}"#)] {
        let foreign = ["Origin: http://elsewhere.example"]
        #expect(try open.http("POST", path, body: body, fields: foreign).status == 403)
      }
      // The harness calls itself by its address, without a port.
      let own = ["Origin: http://127.0.0.1"]
      #expect(try open.http("POST", "/broadcast", body: #"{"message": "x"}"#, fields: own).status == 200)
    }
  }
}
