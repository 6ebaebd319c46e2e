import Foundation
import Testing

extension EndToEnd {
  /// The subprotocol `sluice.v1`, as a client sees it.
  @Suite(.serialized) struct SluiceTests {
    @Test("a welcome says who one is and where the stream is; a second socket is another session")
    func welcome() throws {
      let server = try Server()
      let client = try SluiceClient(server)
      #expect(
        Set(client.welcome.keys) == [
          "type", "session", "token", "epoch", "offset", "heartbeat_ms", "recovered",
        ])
      #expect(client.session.utf8.count == 33 && client.welcome["heartbeat_ms"] as? Int == 30_000)
      #expect((client.welcome["token"] as? String)?.contains(client.session) == true)
      #expect(try SluiceClient(server).session != client.session)
      #expect(try client.ask(["type": "ping", "id": 7])["type"] as? String == "pong")
    }

    @Test("what is published is acknowledged with its offset and heard once by every member on every worker")
    func publish() throws {
      let server = try Server()
      let readers = try (0..<10).map { _ in try SluiceClient(server) }
      for (index, reader) in readers.enumerated() {
        #expect(
          try reader.ask(["type": "join", "channel": "news", "id": "j\(index)"])["type"] as? String == "ack")
      }
      let stranger = try SluiceClient(server)
      let author = try SluiceClient(server)
      for number in 0..<20 {
        let ack = try author.ask(["type": "publish", "channel": "news", "data": ["n": number], "id": number])
        #expect(ack["type"] as? String == "ack")
        for reader in readers {
          let message = try reader.next("message")
          #expect(message["offset"] as? String == ack["offset"] as? String)
          #expect(message["channel"] as? String == "news" && message["from"] as? String == author.session)
          #expect((message["data"] as? [String: Int]) == ["n": number])
        }
      }
      #expect(
        try stranger.ask(["type": "ping", "id": 1])["type"] as? String == "pong", "nothing came before")
    }

    @Test("in the hall ws its words are bare texts for plain clients, and theirs are messages for it")
    func plainNeighbours() throws {
      let server = try Server()
      let plain = try server.client("/ws?mode=chat&notify=0")
      let client = try SluiceClient(server)
      try client.say(["type": "publish", "channel": "ws", "data": "hello"])
      #expect(try plain.text() == "hello")
      try plain.send("back")
      let message = try client.next("message")
      #expect(message["data"] as? String == "back" && message["channel"] as? String == "ws")
      #expect(message["offset"] is String && message["from"] == nil)
      _ = try server.http("POST", "/broadcast", body: #"{"message": {"a": 1}}"#)
      #expect(try client.next("message")["data"] as? [String: Int] == ["a": 1])
      #expect(try plain.text() == #"{"a": 1}"#)
    }

    @Test("members hear who comes and goes; who has left hears nothing more")
    func presence() throws {
      let server = try Server()
      let (one, two) = (try SluiceClient(server), try SluiceClient(server))
      _ = try one.ask(["type": "join", "channel": "room", "id": 1])
      _ = try two.ask(["type": "join", "channel": "room", "id": 1])
      var joined = ""
      while joined != two.session { joined = try one.next("presence")["joined"] as? String ?? "" }
      try two.web.close()
      #expect(try one.next("presence")["left"] as? String == two.session)
      _ = try one.ask(["type": "leave", "channel": "room", "id": 2])
      let three = try SluiceClient(server)
      _ = try three.ask(["type": "publish", "channel": "room", "data": 1, "id": 1])
      #expect(try one.ask(["type": "ping", "id": 3])["type"] as? String == "pong")
    }

    @Test("nobody can call itself what a session is called, and hear what is sent to it")
    func names() throws {
      let server = try Server()
      let client = try SluiceClient(server)
      do {
        _ = try server.client("/ws/\(client.session)")
        Issue.record("a stranger has taken the name of a session")
      } catch let refused as WebClient.Refused {
        #expect(refused.reply.status == 409)
      }
    }

    @Test("values are kept, sessions are spoken to, and what is not understood is named")
    func smallTalk() throws {
      let server = try Server()
      let (one, two) = (try SluiceClient(server), try SluiceClient(server))
      #expect(try one.ask(["type": "get", "key": "color", "id": "a"])["value"] is NSNull)
      #expect(
        try one.ask(["type": "set", "key": "color", "value": ["r": 1], "id": "b"])["type"] as? String == "ack"
      )
      #expect(try one.ask(["type": "get", "key": "color", "id": "c"])["value"] as? [String: Int] == ["r": 1])
      for value in [7, "full", true] as [Any] {
        _ = try one.ask(["type": "set", "key": "any", "value": value, "id": "v"])
        let found = try one.ask(["type": "get", "key": "any", "id": "w"])["value"]
        #expect("\(found ?? "")" == "\(value)" || found as? Bool == value as? Bool)
      }
      let ack = try one.ask(["type": "send", "to": two.session, "data": "psst", "id": "d"])
      let direct = try two.next("direct")
      #expect(direct["data"] as? String == "psst" && direct["from"] as? String == one.session)
      #expect(direct["offset"] as? String == ack["offset"] as? String)
      for bad in [#"{"#, "[]", #"{"type":"shout"}"#, #"{"type":"publish","channel":"a b","data":1}"#] {
        try one.web.send(bad)
        #expect(try one.any()["code"] as? String == "bad_message")
      }
      #expect(
        try one.ask(["type": "publish", "channel": "chat", "data": 1, "id": 9])["code"] as? String
          == "bad_channel")
    }

    @Test("who comes back with token, epoch and offset hears all it has missed, once, in order, and goes on")
    func resume() throws {
      let server = try Server()
      let author = try SluiceClient(server)
      let reader = try SluiceClient(server)
      _ = try reader.ask(["type": "join", "channel": "news", "id": 1])
      _ = try author.ask(["type": "publish", "channel": "news", "data": -1, "id": 1])
      let seen = try #require(try reader.next("message")["offset"] as? String)
      try reader.web.close()
      for number in 0..<700 {
        try author.say(["type": "publish", "channel": number % 7 == 0 ? "other" : "news", "data": number])
      }
      _ = try author.ask(["type": "publish", "channel": "news", "data": 700, "id": 2])
      for round in 0..<4 {
        let back = try SluiceClient(server)
        try back.say(["type": "resume", "offset": seen].merging(reader.position) { $1 })
        for number in 0...700 where number % 7 != 0 || number == 700 {
          #expect(try back.next("message")["data"] as? Int == number, "round \(round)")
        }
        let resumed = try back.next("resumed")
        #expect(resumed["recovered"] as? Bool == true && resumed["replayed"] as? Int == 601)
        #expect((resumed["token"] as? String)?.contains(reader.session) == true, "good for the next time")
        _ = try author.ask(["type": "publish", "channel": "other", "data": 0, "id": 4])
        #expect(try back.ask(["type": "ping", "id": 5])["type"] as? String == "pong")
        try back.web.close()
      }
      let live = try SluiceClient(server)
      try live.say(
        ["type": "resume", "offset": live.welcome["offset"] ?? ""].merging(reader.position) { $1 })
      _ = try live.next("resumed")
      _ = try author.ask(["type": "publish", "channel": "news", "data": "on", "id": 6])
      #expect(try live.next("message")["data"] as? String == "on")
    }

    @Test("what is gone is named: trimmed entries, and offsets of another life")
    func lost() throws {
      let server = try Server()
      let author = try SluiceClient(server)
      let reader = try SluiceClient(server)
      _ = try reader.ask(["type": "join", "channel": "news", "id": 1])
      var last = ""
      for number in 0..<20 {
        last =
          try author.ask(["type": "publish", "channel": "news", "data": number, "id": number])["offset"]
          as? String ?? ""
      }
      let first = try #require(try reader.next("message")["offset"] as? String)
      _ = try server.askRedis().ask("XTRIM", RedisWire.key("bus:0"), "MAXLEN", "=", "5")
      let back = try SluiceClient(server)
      try back.say(["type": "resume", "offset": first].merging(reader.position) { $1 })
      for number in 15..<20 { #expect(try back.next("message")["data"] as? Int == number) }
      let resumed = try back.next("resumed")
      #expect(resumed["recovered"] as? Bool == false && resumed["replayed"] as? Int == 5)
      let lost = try #require(resumed["lost"] as? [String: String])
      #expect(lost["from"]?.hasPrefix(first.split(separator: "-")[0]) == true && lost["to"] != nil)

      let other = try SluiceClient(server)
      var position = reader.position
      position["epoch"] = "0123456789abcdef"
      try other.say(["type": "resume", "offset": first].merging(position) { $1 })
      let again = try other.next("resumed")
      #expect(
        again["recovered"] as? Bool == false && ((again["lost"] as? [String: String])?["to"] ?? "") >= last)
      _ = try author.ask(["type": "publish", "channel": "news", "data": "on", "id": "x"])
      #expect(try other.next("message")["data"] as? String == "on", "it is a member again")
      position["token"] = "1.aa.bb.cc"
      let nobody = try SluiceClient(server)
      #expect(
        try nobody.ask(["type": "resume", "offset": first, "id": 1].merging(position) { $1 })["code"]
          as? String
          == "invalid_token")
    }

    @Test("workers killed in the middle: every receipt and every message comes, each once, in order")
    func killed() throws {
      let server = try Server()
      try server.guarded()
      let readers = try (0..<6).map { _ in try SluiceClient(server) }
      for reader in readers { _ = try reader.ask(["type": "join", "channel": "news", "id": 1]) }
      let author = try SluiceClient(server)
      let count = 600
      var kills = 0
      for number in 0..<count {
        try author.say(["type": "publish", "channel": "news", "data": number, "id": number])
        if number % 150 == 75 {
          for worker in server.workers { kill(worker, SIGKILL) }
          kills += 2
          try server.settled(after: kills)
        }
      }
      var receipts = 0
      while receipts < count {
        let ack = try author.next("ack")
        #expect(ack["id"] as? Int == receipts)
        receipts += 1
      }
      for reader in readers {
        var last = ""
        for number in 0..<count {
          let message = try reader.next("message")
          let offset = message["offset"] as? String ?? ""
          #expect(message["data"] as? Int == number && offset != last)
          last = offset
        }
      }
    }

    @Test("before a drain each client gets its own slot, and who follows it is moved, not left")
    func slots() throws {
      let server = try Server(["--drain-preset", "standard"])
      let clients = try (0..<10).map { _ in try SluiceClient(server) }
      try server.count(becomes: 10)
      kill(server.program.pid, SIGTERM)
      var delays: [Int] = []
      for client in clients {
        let hint = try client.next("reconnect")
        #expect(hint["token"] is String && hint["reason"] as? String == "server_shutdown")
        delays.append(hint["in_ms"] as? Int ?? -1)
        try client.web.close()
      }
      #expect(Set(delays).count >= 5 && delays.allSatisfy { (0..<15_000).contains($0) })
      let line = try server.program.line(with: "moved=")
      #expect(line.contains("start=10") && line.contains("moved=10"))
    }
  }
}

extension SluiceClient {
  /// What it would resume with, but for the offset.
  var position: Word { ["token": welcome["token"] ?? "", "epoch": welcome["epoch"] ?? ""] }
}
