import Foundation
import Testing

extension EndToEnd {
  /// `sluice.v1` when readers are slow and Redis is not to be relied on.
  @Suite(.serialized) struct SluiceFlowTests {
    @Test(
      "a reader that stops falls behind, costs nobody, and once it reads again hears each word once, in order"
    )
    func slow() throws {
      let server = try Server(workers: 1)
      let slow = try SluiceClient(server)
      let quick = try SluiceClient(server)
      for client in [slow, quick] { _ = try client.ask(["type": "join", "channel": "news", "id": 1]) }
      let author = try SluiceClient(server)
      let words = String(repeating: "x", count: 32_768)
      let count = 400
      for number in 0..<count {
        let start = Deadline.now
        _ = try author.ask([
          "type": "publish", "channel": "news", "data": ["n": number, "x": words], "id": number,
        ])
        #expect(Self.number(try quick.next("message")) == number)
        #expect(Deadline.isWithin(1, since: start))
      }
      #expect(!(try server.http("GET", "/metrics").body.contains("\nsluice_slow_consumers_total 0\n")))
      for number in 0..<count { #expect(Self.number(try slow.next("message")) == number) }
      _ = try author.ask(["type": "publish", "channel": "news", "data": ["n": -1], "id": "last"])
      #expect(Self.number(try slow.next("message")) == -1)
      try server.count(becomes: 3)
    }

    @Test("Redis' connections are cut again and again: nothing is lost, doubled or out of order")
    func cutConnections() throws {
      let server = try Server()
      let readers = try (0..<4).map { _ in try SluiceClient(server) }
      for reader in readers { _ = try reader.ask(["type": "join", "channel": "news", "id": 1]) }
      let author = try SluiceClient(server)
      let redis = try server.askRedis()
      let count = 1000
      for number in 0..<count {
        try author.say(["type": "publish", "channel": "news", "data": number, "id": number])
        if number % 20 == 10 { _ = try redis.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes") }
      }
      for number in 0..<count { #expect(try author.next("ack", within: 20)["id"] as? Int == number) }
      for reader in readers {
        for number in 0..<count { #expect(try reader.next("message", within: 20)["data"] as? Int == number) }
      }
    }

    @Test(
      "while Redis is away publishes wait up to a bound, are refused beyond it, and all that was taken comes")
    func away() throws {
      let server = try Server(workers: 1)
      let reader = try SluiceClient(server)
      _ = try reader.ask(["type": "join", "channel": "news", "id": 1])
      let author = try SluiceClient(server)
      let redis = try #require(server.redis)
      kill(redis, SIGSTOP)
      var refused = 0
      for number in 0..<6000 {
        try author.say(["type": "publish", "channel": "news", "data": number, "id": number])
      }
      kill(redis, SIGCONT)
      var taken: [Int] = []
      for _ in 0..<6000 {
        let answer = try author.any(within: 20)
        if answer["type"] as? String == "ack" {
          taken.append(answer["id"] as? Int ?? -1)
        } else {
          refused += 1
        }
      }
      #expect(taken.count + refused == 6000 && taken == taken.sorted())
      for number in taken { #expect(try reader.next("message", within: 20)["data"] as? Int == number) }
    }

    @Test(
      "what stands in the stream twice, because its worker died before Redis had answered, is resumed once")
    func copies() throws {
      // What a dead worker had under way may be read by Redis, or be gone with it.
      #expect(try (0..<6).contains { _ in try areCopiesResumedOnce() }, "there were copies")
    }

    /// Whether there were copies at all.
    private func areCopiesResumedOnce() throws -> Bool {
      let server = try Server(workers: 1)
      try server.guarded(slots: 1)
      let author = try SluiceClient(server)
      let reader = try SluiceClient(server)
      _ = try reader.ask(["type": "join", "channel": "news", "id": 1])
      let redis = try #require(server.redis)
      let count = 40
      // Redis finds the words of the dead worker and those of its heir when it wakes up.
      kill(redis, SIGSTOP)
      for number in 0..<count {
        try author.say(["type": "publish", "channel": "news", "data": number, "id": number])
      }
      let before = server.workers
      // The worker has sent all it has heard by the end of the turn that counts it.
      try Deadline.until(10, "the worker has heard it all") {
        let metrics = try server.http("GET", "/metrics").body
        let count = metrics.split(separator: "\n").first { $0.hasPrefix("sluice_published_total ") }
        return Int(count?.split(separator: " ").last ?? "") ?? 0 > 40
      }
      for worker in before { kill(worker, SIGKILL) }
      try Deadline.until(10, "its heir serves") { server.workers.first.map { !before.contains($0) } == true }
      // An answer comes behind the turn in which it sent again what was in the log.
      #expect(try server.http("GET", "/livez").status == 200)
      kill(redis, SIGCONT)
      for number in 0..<count { #expect(try author.next("ack", within: 20)["id"] as? Int == number) }
      var offsets: [String] = []
      for number in 0..<count {
        let message = try reader.next("message", within: 20)
        #expect(message["data"] as? Int == number)
        offsets.append(message["offset"] as? String ?? "")
      }
      let length = try server.askRedis().ask("XLEN", RedisWire.key("bus:0")).number ?? 0
      for place in [0, count / 2, count - 1] {
        let back = try SluiceClient(server)
        try back.say(["type": "resume", "offset": offsets[place]].merging(reader.position) { $1 })
        for number in place + 1..<count { #expect(try back.next("message")["data"] as? Int == number) }
        let resumed = try back.next("resumed")
        #expect(resumed["replayed"] as? Int == count - 1 - place, "\(resumed)")
        try back.web.close()
      }
      return length >= 2 * count
    }

    private static func number(_ message: SluiceClient.Word) -> Int? {
      (message["data"] as? [String: Any])?["n"] as? Int
    }
  }
}
