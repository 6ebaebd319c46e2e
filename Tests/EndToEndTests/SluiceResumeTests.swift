import Foundation
import Testing

extension EndToEnd {
  /// Whatever happens between two words of a channel, its reader hears each once and in order, or is told which are
  /// gone.
  @Suite(.serialized) struct SluiceResumeTests {
    /// SLUICE_SEEDS=100 for longer.
    private static let seeds =
      1...(ProcessInfo.processInfo.environment["SLUICE_SEEDS"].flatMap { Int($0) } ?? 3)

    @Test(
      "publish, trim, leave, resume, kill -9, another Redis: exact, or honest about what is gone",
      arguments: seeds)
    func anything(seed: Int) throws {
      var random = SplitMix64(seed: UInt64(seed))
      let server = try Server()
      try server.guarded()
      let author = try SluiceClient(server)
      var story = try Story(SluiceClient(server))
      _ = try story.reader?.ask(["type": "join", "channel": "news", "id": "join"])
      // What was joined lies in Redis before anything is left.
      _ = try story.reader?.ask(["type": "get", "key": "none", "id": "kept"])
      var kills = 0
      for step in 0..<40 {
        let note: Comment = "seed \(seed), step \(step)"
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<9:
          for _ in 0..<Int.random(in: 1...30, using: &random) { try story.publish(author) }
        case 9..<11:
          let left = "\(Int.random(in: 0...40, using: &random))"
          _ = try server.askRedis().ask("XTRIM", RedisWire.key("bus:0"), "MAXLEN", "=", left)
        case 11..<14: try story.leave(note, &random)
        case 14..<18: try story.resume(server, note, &random)
        case 18:
          for worker in server.workers.prefix(Int.random(in: 1...2, using: &random)) {
            kill(worker, SIGKILL)
            kills += 1
          }
          try server.settled(after: kills)
        case _:
          let before = try #require(server.redis)
          kill(before, SIGKILL)
          try Deadline.until(15, "another Redis answers") {
            server.redis.map { $0 != before } == true && (try? server.askRedis().ask("PING")) == .text("PONG")
          }
        }
      }
      try story.resume(server, "seed \(seed), at the end", &random)
      try story.publish(author)
      try story.hear(upTo: story.offsets.count, "seed \(seed), at the end")
    }

    @Test(
      "a worker that is overtaken while it looks up what a session had joined does not cost it its channels")
    func overtaken() throws {
      let server = try Server(workers: 1)
      let redis = try server.askRedis()
      let author = try SluiceClient(server)
      var story = try Story(SluiceClient(server))
      _ = try story.reader?.ask(["type": "join", "channel": "news", "id": "join"])
      _ = try story.reader?.ask(["type": "get", "key": "none", "id": "kept"])
      try story.publish(author)
      try story.hear(upTo: 1, "before")
      try story.reader?.web.close()
      try story.publish(author)
      try redis.ask("ACL", "SETUSER", "default", "-hgetall")
      let back = try story.comeBack(server)
      try Deadline.until(5, "the worker is refused") {
        try redis.ask("INFO", "stats").text?.contains("acl_access_denied_cmd:0") == false
      }
      // What it never reads comes and goes in one step, and its connections are cut.
      let passing =
        "for _ = 1, 3 do redis.call('XADD', KEYS[1], '*', 'x', '') end redis.call('XTRIM', KEYS[1], 'MAXLEN', 0)"
      try redis.ask("EVAL", passing, "1", RedisWire.key("bus:0"))
      try redis.ask("CLIENT", "KILL", "TYPE", "normal")
      try Deadline.until(10, "the worker knows that it has missed something") {
        try server.http("GET", "/metrics").body.split(separator: "\n").contains {
          $0.contains("missed_entries") && !$0.hasSuffix(" 0")
        }
      }
      try redis.ask("ACL", "SETUSER", "default", "+hgetall")
      try story.hearResumed(back, "overtaken")
      try story.publish(author)
      try story.hear(upTo: 3, "afterwards")
    }

    /// What was said, and what its reader has heard of it.
    private struct Story {
      var reader: SluiceClient?
      /// Of each word that was acknowledged, by its number.
      private(set) var offsets: [Place] = []
      private var position: SluiceClient.Word
      private var place: Place
      /// The next word it is to hear.
      private var next = 0

      init(_ reader: SluiceClient) throws {
        self.reader = reader
        position = reader.position
        place = try Place(reader.welcome["offset"])
      }

      mutating func publish(_ author: SluiceClient) throws {
        let number = offsets.count
        // While Redis is away it is refused, and said again.
        try Deadline.until(20, "\(number) is taken") {
          try author.say(["type": "publish", "channel": "news", "data": number, "id": number])
          var answer: SluiceClient.Word = [:]
          while answer["id"] as? Int != number {
            answer = try author.any(within: 20, "the answer to \(number)")
          }
          if answer["type"] as? String == "ack" { offsets.append(try Place(answer["offset"])) }
          return offsets.count > number
        }
      }

      mutating func leave(_ note: Comment, _ random: inout SplitMix64) throws {
        guard let reader else { return }
        try hear(upTo: Int.random(in: next...offsets.count, using: &random), note)
        try reader.web.close()
        self.reader = nil
      }

      mutating func hear(upTo end: Int, _ note: Comment) throws {
        while next < end {
          guard let word = try reader?.any(within: 20, "word \(next), \(note)") else { return }
          switch word["type"] as? String {
          case "message": try hear(word, note)
          // Its worker was overtaken by the trimming.
          case "resumed": try lose(word["lost"], note)
          case _: continue
          }
        }
      }

      private mutating func hear(_ word: SluiceClient.Word, _ note: Comment) throws {
        #expect(word["data"] as? Int == next, note)
        place = try Place(word["offset"])
        next += 1
      }

      mutating func resume(_ server: Server, _ note: Comment, _ random: inout SplitMix64) throws {
        if reader != nil { try leave(note, &random) }
        try hearResumed(comeBack(server), note)
      }

      mutating func comeBack(_ server: Server) throws -> SluiceClient {
        let back = try SluiceClient(server)
        reader = back
        try back.say(["type": "resume", "offset": place.text].merging(position) { $1 })
        return back
      }

      mutating func hearResumed(_ back: SluiceClient, _ note: Comment) throws {
        var heard: [SluiceClient.Word] = []
        while true {
          let word = try back.any(within: 20, "resumed")
          if word["type"] as? String == "message" { heard.append(word) }
          guard word["type"] as? String == "resumed" else { continue }
          if word["recovered"] as? Bool == false { try lose(word["lost"], note) }
          #expect(word["replayed"] as? Int == heard.count, note)
          position["token"] = word["token"]
          break
        }
        for word in heard { try hear(word, note) }
        #expect(next <= offsets.count, note)
      }

      /// What is said to be lost is all that it may pass over.
      private mutating func lose(_ range: Any?, _ note: Comment) throws {
        let range = range as? SluiceClient.Word
        let (from, to) = (try Place(range?["from"]), try Place(range?["to"]))
        #expect(place < from && from <= to, note)
        while next < offsets.count, offsets[next] <= to { next += 1 }
        place = to
      }
    }
  }
}
