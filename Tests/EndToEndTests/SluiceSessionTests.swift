import Foundation
import Testing

extension EndToEnd {
  /// What a session of `sluice.v1` is, whatever its sockets do in whichever order.
  @Suite(.serialized) struct SluiceSessionTests {
    private func comeBack(_ server: Server, as client: SluiceClient, path: String = "/ws") throws
      -> SluiceClient
    {
      let back = try SluiceClient(server, path)
      try resume(back, as: client)
      _ = try back.next("resumed")
      return back
    }

    private func resume(_ back: SluiceClient, as client: SluiceClient) throws {
      let offset = client.welcome["offset"] as? String ?? ""
      try back.say(["type": "resume", "offset": offset, "id": "resume"].merging(client.position) { $1 })
    }

    /// In the order of their offsets, `words` and then one more that everybody is to hear.
    private func heard(_ client: SluiceClient, until last: String) throws -> [String] {
      var heard: [String] = []
      while true {
        let word = try client.next("message")
        if word["data"] as? String == last { return heard }
        heard.append(word["data"] as? String ?? "?")
      }
    }

    private func publish(_ author: SluiceClient, _ words: [(channel: String, data: String)]) throws {
      for (channel, data) in words {
        let answer = try author.ask(["type": "publish", "channel": channel, "data": data, "id": data])
        #expect(answer["type"] as? String == "ack")
      }
    }

    @Test("what a socket has joined before it resumes is the session's from then on")
    func joinedBefore() throws {
      let server = try Server()
      let author = try SluiceClient(server)
      let first = try SluiceClient(server)
      _ = try first.ask(["type": "join", "channel": "old", "id": 1])
      try first.web.close()
      let second = try SluiceClient(server)
      _ = try second.ask(["type": "join", "channel": "new", "id": 1])
      try resume(second, as: first)
      _ = try second.next("resumed")
      try second.web.close()
      let third = try comeBack(server, as: first)
      try publish(author, [("new", "a"), ("old", "b"), ("ws", "end")])
      #expect(try heard(third, until: "end") == ["a", "b"])
    }

    @Test("who stays longer than a token is good can still come back, with channels and words")
    func stays() throws {
      let server = try Server(["--reconnect-token-ttl", "2s"])
      let author = try SluiceClient(server)
      let first = try SluiceClient(server)
      _ = try first.ask(["type": "join", "channel": "news", "id": 1])
      let redis = try server.askRedis()
      let key = RedisWire.key("session:\(first.session)")
      try redis.ask("PEXPIRE", key, "60000")
      var token = ""
      // As long as a token is good, and half as long again.
      for _ in 0..<3 { token = try first.next("token", within: 3)["token"] as? String ?? "" }
      guard case .number(let left) = try redis.ask("PTTL", key) else { throw Trouble("no time to live") }
      #expect(left > 80_000_000)
      try publish(author, [("news", "a")])
      try first.web.close()
      let late = try SluiceClient(server)
      try resume(late, as: first)
      #expect(try late.next("error")["code"] as? String == "invalid_token")
      let back = try SluiceClient(server)
      let offset = first.welcome["offset"] as? String ?? ""
      try back.say(
        [
          "type": "resume", "offset": offset, "token": token,
          "epoch": first.welcome["epoch"] as? String ?? "",
        ])
      #expect(try back.next("message")["data"] as? String == "a")
      #expect(try back.next("resumed")["recovered"] as? Bool == true)
    }

    @Test("who has resumed may do so again, and is given again what was said since")
    func again() throws {
      let server = try Server()
      let author = try SluiceClient(server)
      let first = try SluiceClient(server)
      try publish(author, [("ws", "a")])
      let second = try comeBack(server, as: first)
      try resume(second, as: first)
      #expect(try second.next("message")["data"] as? String == "a")
      #expect(try second.next("resumed")["recovered"] as? Bool == true)
    }

    @Test("channels that have no room on the socket that resumes are named, not passed over")
    func tooMany() throws {
      let server = try Server(workers: 1)
      let first = try SluiceClient(server)
      _ = try first.ask(["type": "join", "channel": "old", "id": 1])
      let second = try SluiceClient(server)
      for number in 0..<31 { _ = try second.ask(["type": "join", "channel": "new-\(number)", "id": number]) }
      try resume(second, as: first)
      let refusal = try second.next("error")
      #expect(refusal["code"] as? String == "too_many_channels")
      #expect((refusal["message"] as? String)?.hasPrefix("old ") == true, "\(refusal)")
      _ = try second.next("resumed")
    }

    @Test("a channel that is left while the session's are looked up stays left")
    func leftMeanwhile() throws {
      let server = try Server(workers: 1)
      let author = try SluiceClient(server)
      let first = try SluiceClient(server)
      for channel in ["left", "kept"] {
        _ = try first.ask(["type": "join", "channel": channel, "id": channel])
      }
      try first.web.close()
      let redis = try server.askRedis()
      try redis.ask("ACL", "SETUSER", "default", "-hgetall")
      let second = try SluiceClient(server)
      try resume(second, as: first)
      #expect(try second.ask(["type": "leave", "channel": "left", "id": 1])["type"] as? String == "ack")
      try redis.ask("ACL", "SETUSER", "default", "+hgetall")
      _ = try second.next("resumed")
      try publish(author, [("left", "a"), ("kept", "b"), ("ws", "end")])
      #expect(try heard(second, until: "end") == ["b"])
    }

    @Test("a join is acknowledged once Redis has it: who comes back elsewhere has the channel")
    func durable() throws {
      let server = try Server(workers: 1)
      let client = try SluiceClient(server)
      let redis = try #require(server.redis)
      kill(redis, SIGSTOP)
      try client.say(["type": "join", "channel": "news", "id": "join"])
      try client.say(["type": "ping", "id": "ping"])
      let first = try client.any()
      kill(redis, SIGCONT)
      #expect(first["id"] as? String == "ping")
      #expect(try client.next("ack", within: 20)["id"] as? String == "join")
    }

    @Test(
      "whoever joins amid many words hears each that lies behind the offset of its ack",
      arguments: [false, true]
    )
    func amid(resumes: Bool) throws {
      // Telling all these takes as many turns.
      let server = try Server(["--max-concurrent-broadcast", "1"], workers: 1)
      let crowd = try (0..<50).map { _ in try SluiceClient(server) }
      for member in crowd { _ = try member.ask(["type": "join", "channel": "crowd", "id": 1]) }
      let author = try SluiceClient(server)
      let count = 60
      for round in 0..<10 {
        let reader = try SluiceClient(server)
        for number in 0..<count {
          for channel in ["crowd", "news"] {
            try author.say(["type": "publish", "channel": channel, "data": number, "id": channel])
          }
        }
        if resumes { try resume(reader, as: reader) }
        if resumes { _ = try reader.next("resumed") }
        let joined = try Place(reader.ask(["type": "join", "channel": "news", "id": "join"])["offset"])
        var behind = Set<Int>()
        for number in 0..<2 * count {
          let place = try Place(author.next("ack", within: 20)["offset"])
          if number % 2 == 1, place > joined { behind.insert(number / 2) }
        }
        _ = try author.ask(["type": "publish", "channel": "news", "data": -1, "id": "end"])
        while let number = try reader.next("message")["data"] as? Int, number >= 0 { behind.remove(number) }
        #expect(behind.isEmpty, "round \(round), joined at \(joined.text)")
        try reader.web.close()
      }
    }

    @Test("one of two sockets of a session goes: whoever is told that it left is told that it is there")
    func presence() throws {
      let server = try Server()
      let watcher = try SluiceClient(server)
      _ = try watcher.ask(["type": "join", "channel": "room", "id": 1])
      // On this worker, and on the other.
      for _ in 0..<4 {
        let first = try SluiceClient(server)
        _ = try first.ask(["type": "join", "channel": "room", "id": 1])
        #expect(try watcher.next("presence")["joined"] as? String == first.session)
        let second = try comeBack(server, as: first)
        #expect(try watcher.next("presence")["joined"] as? String == first.session)
        try first.web.close()
        #expect(try watcher.next("presence")["left"] as? String == first.session)
        #expect(try watcher.next("presence")["joined"] as? String == first.session)
        try second.web.close()
        #expect(try watcher.next("presence")["left"] as? String == first.session)
      }
      _ = try watcher.ask(["type": "ping", "id": "end"])
    }

    @Test("in the hall chat a session is named as elsewhere, and what is sent to it arrives")
    func chat() throws {
      let server = try Server()
      let other = "?session_id=3f2b8a54-3c9e-4a4e-9d0b-5d7f1f5a9c11"
      for path in ["/ws/chat/", "/ws/chat/\(other)"] {
        let client = try SluiceClient(server, path)
        #expect(client.session.hasPrefix("~"))
        let author = try SluiceClient(server)
        _ = try author.ask(["type": "send", "to": client.session, "data": "for you", "id": 1])
        #expect(try client.next("direct")["data"] as? String == "for you")
      }
    }

    @Test("watching a task is no presence in a channel of its name")
    func watching() throws {
      let server = try Server(workers: 1)
      let body = #"{"kind": "sleep", "payload": {"seconds": 0}}"#
      let answer = try server.http("POST", "/tasks", body: body).body
      let task = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any]
      let name = try #require(task?["task_id"] as? String)
      let member = try SluiceClient(server)
      _ = try member.ask(["type": "join", "channel": name, "id": 1])
      let watcher = try SluiceClient(server, "/ws/tasks?task_id=\(name)")
      _ = try watcher.next("task")
      try watcher.web.close()
      try server.count(becomes: 1)
      let author = try SluiceClient(server)
      try publish(author, [(name, "end")])
      #expect(try member.any()["data"] as? String == "end")
    }
  }
}
