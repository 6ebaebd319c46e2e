import Foundation
import Testing

extension EndToEnd {
  /// `sluice.v1` over two hosts that share nothing but their Redis.
  @Suite(.serialized) struct SluiceFleetTests {
    private final class Fleet {
      let redis: OutsideRedis
      let one: Server
      let two: Server

      init() throws {
        redis = try OutsideRedis()
        one = try Server(
          ["--redis", redis.url, "--host-id", "one", "--drain-preset", "standard"], workers: 2)
        two = try Server(["--redis", redis.url, "--host-id", "two"], workers: 2)
      }
    }

    @Test("who was with one host resumes with the other: name, channels and values, and each word once")
    func resume() throws {
      let fleet = try Fleet()
      let author = try SluiceClient(fleet.one)
      let reader = try SluiceClient(fleet.one)
      _ = try reader.ask(["type": "join", "channel": "news", "id": 1])
      _ = try reader.ask(["type": "set", "key": "color", "value": "red", "id": 2])
      _ = try author.ask(["type": "publish", "channel": "news", "data": -1, "id": 1])
      let seen = try #require(try reader.next("message")["offset"] as? String)
      try reader.web.close()
      for number in 0..<300 { try author.say(["type": "publish", "channel": "news", "data": number]) }
      _ = try author.ask(["type": "publish", "channel": "news", "data": 300, "id": 2])
      let back = try SluiceClient(fleet.two)
      #expect(back.welcome["epoch"] as? String == reader.welcome["epoch"] as? String)
      try back.say(["type": "resume", "offset": seen].merging(reader.position) { $1 })
      for number in 0...300 { #expect(try back.next("message")["data"] as? Int == number) }
      let resumed = try back.next("resumed")
      #expect(resumed["recovered"] as? Bool == true && resumed["replayed"] as? Int == 301)
      #expect((resumed["token"] as? String)?.contains(reader.session) == true)
      #expect(try back.ask(["type": "get", "key": "color", "id": 3])["value"] as? String == "red")
      _ = try author.ask(["type": "publish", "channel": "news", "data": "on", "id": 4])
      #expect(try back.next("message")["data"] as? String == "on")
      _ = try author.ask(["type": "send", "to": reader.session, "data": "still you", "id": 5])
      #expect(try back.next("direct")["data"] as? String == "still you")
      // And on with the token of the second one, back at the first.
      try back.web.close()
      let again = try SluiceClient(fleet.one)
      var position = reader.position
      position["token"] = resumed["token"]
      try again.say(["type": "resume", "offset": seen].merging(position) { $1 })
      #expect(try again.next("resumed")["replayed"] as? Int == 303)
    }

    @Test("a host that comes later begins where the stream is")
    func latecomer() throws {
      let redis = try OutsideRedis()
      let first = try Server(["--redis", redis.url, "--host-id", "one"], workers: 1)
      let author = try SluiceClient(first)
      let ack = try author.ask(["type": "publish", "channel": "news", "data": 1, "id": 1])
      let second = try Server(["--redis", redis.url, "--host-id", "two"], workers: 1)
      #expect(try SluiceClient(second).welcome["offset"] as? String == ack["offset"] as? String)
    }

    @Test("what is said to one, to a channel, to all, and who comes and goes, is heard on the other host")
    func across() throws {
      let fleet = try Fleet()
      let (ada, bob) = (try SluiceClient(fleet.one), try SluiceClient(fleet.two))
      _ = try ada.ask(["type": "join", "channel": "room", "id": 1])
      _ = try bob.ask(["type": "join", "channel": "room", "id": 1])
      #expect(try ada.next("presence")["joined"] as? String == bob.session)
      for (number, (from, to)) in [(ada, bob), (bob, ada)].enumerated() {
        let ack = try from.ask(["type": "send", "to": to.session, "data": number, "id": 2])
        let direct = try to.next("direct")
        #expect(direct["data"] as? Int == number && direct["from"] as? String == from.session)
        #expect(direct["offset"] as? String == ack["offset"] as? String)
        _ = try from.ask(["type": "publish", "channel": "room", "data": number, "id": 3])
        #expect(try to.next("message")["data"] as? Int == number)
      }
      // Everybody hears it; each host counts its own.
      let plain = try fleet.two.client("/ws?notify=0")
      try fleet.one.count(becomes: 3)
      let told = try fleet.one.http("POST", "/broadcast", body: #"{"message": "all"}"#).body
      #expect(told.contains(#""total": 1, "succeeded": 1, "failed": 0"#))
      for client in [ada, bob] { #expect(try client.next("message")["channel"] as? String == "broadcast") }
      #expect(try plain.text() == "all")
      try bob.web.close()
      #expect(try ada.next("presence")["left"] as? String == bob.session)
    }

    @Test(
      "a drain of one host: who follows its slot to the other misses nothing and is never without a socket")
    func drain() throws {
      let fleet = try Fleet()
      let author = try SluiceClient(fleet.two)
      let movers = try (0..<6).map { _ in try SluiceClient(fleet.one) }
      for mover in movers { _ = try mover.ask(["type": "join", "channel": "news", "id": 1]) }
      _ = try author.ask(["type": "publish", "channel": "news", "data": 0, "id": 0])
      // Before the drain, for nobody promises which of the two comes first.
      let offsets = try movers.map { try #require(try $0.next("message")["offset"] as? String) }
      kill(fleet.one.program.pid, SIGTERM)
      var number = 0
      for (mover, seen) in zip(movers, offsets) {
        let hint = try mover.next("reconnect")
        number += 1
        _ = try author.ask(["type": "publish", "channel": "news", "data": number, "id": number])
        let next = try SluiceClient(fleet.two)
        try next.say([
          "type": "resume", "offset": seen, "epoch": mover.welcome["epoch"] ?? "",
          "token": hint["token"] ?? "",
        ])
        for wanted in 1...number { #expect(try next.next("message")["data"] as? Int == wanted) }
        #expect(try next.next("resumed")["recovered"] as? Bool == true)
        try mover.web.close()
      }
      let ledger = try fleet.one.program.line(with: "moved=")
      #expect(ledger.contains("start=6") && ledger.contains("moved=6"))
    }
  }
}
