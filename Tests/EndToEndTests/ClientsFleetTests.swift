import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// Clients across hosts, and while workers are replaced and killed.
  @Suite(.serialized) struct ClientsFleetTests {
    @Test("two hosts on one Redis are one house: names, messages, groups, data and tokens")
    func twoHosts() throws {
      let redis = try OutsideRedis()
      let first = try Server(["--redis", redis.url, "--host-id", "one"], workers: 2)
      let second = try Server(["--redis", redis.url, "--host-id", "two"], workers: 2)
      let ada = try first.client("/ws/ada")
      let bob = try second.client("/ws/bob")
      try ada.send("hello")
      for client in [ada, bob] { #expect(try client.text() == #"{"user": "ada", "message": "hello"}"#) }
      // Asked of either host, the other one's client is told, and it is said so.
      #expect(
        try first.http("POST", "/clients/bob/messages", body: #"{"message": "for bob"}"#).body
          == #"{"delivered": true}"#)
      #expect(try bob.text() == "for bob")
      #expect(try second.http("PUT", "/groups/g/members/ada").status == 200)
      #expect(try second.http("PUT", "/groups/g/members/bob").status == 200)
      #expect(
        try first.http("POST", "/groups/g/messages", body: #"{"message": "for g"}"#).body.hasSuffix(
          #""members": 2, "delivered": 2}"#))
      for client in [ada, bob] { #expect(try client.text() == "for g") }
      #expect(try first.http("PUT", "/clients/bob/data/k", body: #"7"#).status == 200)
      let record = try first.http("GET", "/clients/bob").body
      #expect(
        record.contains(#""connected": true, "host": "two""#)
          && record.hasSuffix(#""groups": ["g"], "data": {"k": 7}}"#))
      // A token of one host brings bob to the other; who holds the name there lets go.
      let token =
        try JSONSerialization.jsonObject(with: Data(second.http("POST", "/reconnect-token/bob").body.utf8))
        as? [String: String]
      let again = try first.client("/ws/bob?token=\(token?["token"] ?? "")")
      #expect(try bob.ending() == "1000 reconnected")
      #expect(
        try second.http("POST", "/clients/bob/messages", body: #"{"message": "still bob"}"#).body
          == #"{"delivered": true}"#)
      #expect(try again.text() == "still bob")
      // Figures of the hall are each host's own.
      try Deadline.until(5, "both are with the first host") {
        try first.http("GET", "/stats").body.hasPrefix(
          #"{"active_connections": 2, "client_ids": ["ada", "bob"]"#)
          && second.http("GET", "/stats").body.hasPrefix(#"{"active_connections": 0"#)
      }
      #expect(try second.http("DELETE", "/clients/ada").body == #"{"disconnected": true}"#)
      #expect(try ada.ending() == "1000 disconnected")
    }

    @Test("a client that has joined all it may is put into no group more, whichever worker is asked")
    func fullOfChannels() throws {
      let server = try Server(workers: 2)
      let ada = try SluiceClient(server, "/ws/ada")
      for number in 1...30 {
        #expect(
          try ada.ask(["type": "join", "channel": "c\(number)", "id": number])["type"] as? String == "ack")
      }
      #expect(try server.http("PUT", "/groups/first/members/ada").status == 200)
      for _ in 0..<6 {
        let reply = try server.http("PUT", "/groups/second/members/ada")
        #expect(reply.status == 409 && reply.body.hasPrefix(#"{"detail": "#), "\(reply.body)")
      }
      #expect(try server.http("GET", "/groups/second").status == 404)
      #expect(try server.http("GET", "/clients/ada").body.contains(#""groups": ["first"]"#))
      // What it is in already costs no place.
      #expect(try server.http("PUT", "/groups/first/members/ada").status == 200)
      #expect(try server.http("PUT", "/groups/c7/members/ada").status == 200)
      _ = try ada.ask(["type": "leave", "channel": "c8", "id": 31])
      #expect(try server.http("PUT", "/groups/second/members/ada").status == 200)
      let told = try server.http("POST", "/groups/second/messages", body: #"{"message": "now"}"#)
      #expect(told.body.hasSuffix(#""members": 1, "delivered": 1}"#), "\(told.body)")
      #expect(try ada.next("message")["data"] as? String == "now")
    }

    @Test("a session counts on at another host")
    func session() throws {
      let redis = try OutsideRedis()
      let hosts = try ["one", "two"].map { try Server(["--redis", redis.url, "--host-id", $0], workers: 1) }
      for round in 1...10 {
        let client = try hosts[round % 2].client("/ws/chat/?session_id=0f8fad5b-d9cb-469f-a165-70867728950e")
        try client.send("x")
        #expect(try client.text().hasPrefix("{\"count\": \(round), "))
        try client.close()
        _ = try client.next()
      }
    }

    @Test("a host that dies takes its clients with it, and nobody believes they are there")
    func deadHost() throws {
      let redis = try OutsideRedis()
      let first = try Server(["--redis", redis.url, "--host-id", "one"], workers: 1)
      let second = try Server(["--redis", redis.url, "--host-id", "two"], workers: 1)
      let ada = try first.client("/ws/ada")
      #expect(
        try second.http("POST", "/clients/ada/messages", body: #"{"message": "x"}"#).body
          == #"{"delivered": true}"#)
      first.killAll()
      try Deadline.until(8, "its lease is over") {
        try second.http("POST", "/clients/ada/messages", body: #"{"message": "x"}"#).body
          == #"{"delivered": false}"#
      }
      #expect(
        try second.http("GET", "/clients/ada").body.hasPrefix(#"{"client_id": "ada", "connected": false"#))
      withExtendedLifetime(ada) {}
    }

    @Test(
      "through a roll and kills -9 everybody hears all that is said once and in one order, and keeps name and groups"
    )
    func restarts() throws {
      let server = try Server(workers: 2)
      try server.guarded()
      let clients = try (0..<6).map { try server.client("/ws/user\($0)") }
      for index in 0..<3 { #expect(try server.http("PUT", "/groups/g/members/user\(index)").status == 200) }
      let rounds = 120
      var heard: [[String]] = Array(repeating: [], count: clients.count)
      for phase in 0..<3 {
        try server.freshlyGuarded()
        for round in phase * 40..<phase * 40 + 40 {
          if round % 40 == 15 {
            switch phase {
            case 1: _ = try server.askRedis().command("roll-clients", "roll")
            default: for pid in server.workers { kill(pid, SIGKILL) }
            }
          }
          for (index, client) in clients.enumerated() { try client.send("\(index) \(round)") }
        }
        for (index, client) in clients.enumerated() {
          for _ in 0..<40 * clients.count { heard[index].append(try client.text(within: 20)) }
        }
      }
      for other in heard.dropFirst() { #expect(other == heard[0]) }
      for index in clients.indices {
        let own = heard[0].filter { $0.hasPrefix("{\"user\": \"user\(index)\", ") }
        #expect(own == (0..<rounds).map { "{\"user\": \"user\(index)\", \"message\": \"\(index) \($0)\"}" })
      }
      // The heirs know whom they hold.
      try Deadline.until(10, "both workers are at work") {
        try server.http("POST", "/groups/g/messages", body: #"{"message": "g"}"#).body.hasSuffix(
          #""delivered": 3}"#)
      }
      #expect(try clients[0].text() == "g")
      for index in clients.indices {
        let reply = try server.http("POST", "/clients/user\(index)/messages", body: #"{"message": "d"}"#)
        #expect(reply.body == #"{"delivered": true}"#)
      }
      let next = try server.client("/ws/user5")
      #expect(try clients[5].ending() == "1000 reconnected")
      withExtendedLifetime(next) {}
    }

    @Test("a Redis that has forgotten everything is told again, and everybody is found")
    func forgotten() throws {
      let server = try Server(workers: 2)
      let clients = try (0..<4).map { try server.client("/ws/user\($0)") }
      let chat = try server.client("/ws/chat/")
      try chat.send("x")
      let session = try MessageCounterTests.Counted(chat.text()).session
      let wire = try server.askRedis()
      try wire.ask("FLUSHALL")
      for (index, client) in clients.enumerated() {
        try Deadline.until(10, "user\(index) is found") {
          try server.http("POST", "/clients/user\(index)/messages", body: #"{"message": "found"}"#).body
            == #"{"delivered": true}"#
        }
        #expect(try client.text() == "found")
      }
      try Deadline.until(5, "the count is known") {
        try wire.ask("HGET", RedisWire.key("session:\(session)"), "count") == .text("1")
      }
      withExtendedLifetime(chat) {}
    }

    @Test(
      "Redis away: clients still hear each other, who needs its word is told to wait, and all is well again after"
    )
    func redisAway() throws {
      let redis = try OutsideRedis()
      let server = try Server(["--redis", redis.url], workers: 1)
      let ada = try server.client("/ws/ada")
      try redis.kill()
      try Deadline.until(10, "it is noticed") { try server.http("GET", "/").body.contains("degraded") }
      let bob = try server.client("/ws/bob")
      try ada.send("alone")
      for client in [ada, bob] { #expect(try client.text() == #"{"user": "ada", "message": "alone"}"#) }
      let newer = try server.client("/ws/bob")
      #expect(try bob.ending() == "1000 reconnected")
      for (method, path) in [
        ("POST", "/reconnect-token/ada"), ("GET", "/clients/ada"), ("GET", "/stats"), ("GET", "/groups"),
      ] {
        let reply = try server.http(method, path)
        #expect(reply.status == 503 && reply.fields["retry-after"] != nil, "\(path)")
      }
      for path in ["/ws/ada?token=x", "/ws/chat/?session_id=0f8fad5b-d9cb-469f-a165-70867728950e"] {
        let refused = #expect(throws: WebClient.Refused.self) { try server.client(path) }
        #expect(refused?.reply.status == 503)
      }
      let chat = try server.client("/ws/chat/")
      try chat.send("x")
      let answer = try chat.text()
      try redis.restart()
      // Those who came meanwhile are known, their counts too.
      try Deadline.until(15, "bob is known") {
        try server.http("POST", "/clients/bob/messages", body: #"{"message": "found"}"#).body
          == #"{"delivered": true}"#
      }
      #expect(try newer.text() == "found")
      let session = try MessageCounterTests.Counted(answer).session
      try Deadline.until(5, "the count is known") {
        try RedisWire(path: redis.socketPath).ask("HGET", RedisWire.key("session:\(session)"), "count")
          == .text("1")
      }
    }

    @Test(
      "two who took one name on two hosts while Redis was away: the newer stays, whichever host tells of it first"
    )
    func sameNameMeanwhile() throws {
      let redis = try OutsideRedis()
      let hosts = try ["one", "two"].map { try Server(["--redis", redis.url, "--host-id", $0], workers: 1) }
      try redis.kill()
      for host in hosts {
        try Deadline.until(10, "it is noticed") { try host.http("GET", "/").body.contains("degraded") }
      }
      let older = try (0..<2).map { try hosts[$0].client("/ws/bob\($0)") }
      let newer = try (0..<2).map { try hosts[1 - $0].client("/ws/bob\($0)") }
      try redis.restart()
      for number in 0..<2 {
        #expect(try older[number].ending() == "1000 reconnected")
        try Deadline.until(10, "bob\(number) is found") {
          try hosts[0].http("POST", "/clients/bob\(number)/messages", body: #"{"message": "found"}"#).body
            == #"{"delivered": true}"#
        }
        #expect(try newer[number].text() == "found")
      }
    }

    @Test("a claim whose worker died over it is settled by the heir")
    func lostClaim() throws {
      let redis = try OutsideRedis()
      let hosts = try ["one", "two"].map { try Server(["--redis", redis.url, "--host-id", $0], workers: 1) }
      let wire = try RedisWire(path: redis.socketPath)
      try Deadline.until(10, "its worker has a standby") {
        try wire.ask("HGET", RedisWire.key("host:one"), "guarded") == .text("1")
      }
      let bob = try hosts[0].client("/ws/bob")
      let eve = try hosts[1].client("/ws/eve")
      // As a claim leaves it that nobody has acted upon: another live socket has the name since later.
      let record = RedisWire.key("client:bob")
      let holder = try wire.ask("HGET", RedisWire.key("client:eve"), "at").text
      try wire.ask("HSET", record, "at", try #require(holder), "since", "9999999999999")
      kill(try #require(hosts[0].workers.first), SIGKILL)
      #expect(try bob.ending() == "1000 reconnected")
      withExtendedLifetime(eve) {}
    }
  }
}
