import Testing

extension EndToEnd {
  /// Coming back after any part of the history: with either host of two, any worker, before and after a restart of their
  /// Redis.
  @Suite(.serialized) struct SluiceHistoryTests {
    private static let words = 200
    private static let shares = [0, 1, 2, 10, 25, 50, 75, 99, 100]

    @Test(
      "from 0 to 100 % of the history on, at either host: exactly what is behind it; what was trimmed is named"
    )
    func shares() throws {
      let redis = try OutsideRedis()
      let hosts = try ["one", "two"].map { try Server(["--redis", redis.url, "--host-id", $0], workers: 2) }
      let reader = try SluiceClient(hosts[0])
      _ = try reader.ask(["type": "join", "channel": "news", "id": 1])
      let author = try SluiceClient(hosts[1])
      var offsets = [reader.welcome["offset"] as? String ?? ""]
      for number in 1...Self.words {
        let ack = try author.ask(["type": "publish", "channel": "news", "data": number, "id": number])
        offsets.append(ack["offset"] as? String ?? "")
      }
      for number in 1...Self.words { #expect(try reader.next("message")["data"] as? Int == number) }
      try reader.web.close()
      for host in hosts { try expectAll(of: offsets, behind: reader, at: host) }
      try redis.restart()
      for host in hosts {
        try Deadline.until(10, "Redis is back") {
          try host.http("GET", "/readyz").body.contains(#""redis": "#) == false
        }
        try expectAll(of: offsets, behind: reader, at: host)
      }
      // Half of it is trimmed: who was before that is told, and gets the rest.
      let half = Self.words / 2
      let key = RedisWire.key("bus:0")
      let wire = try RedisWire(path: redis.socketPath)
      _ = try wire.ask("XTRIM", key, "MINID", "=", offsets[half + 1])
      for host in hosts {
        for known in [1, half - 1, half + 1, Self.words - 1] {
          let (heard, resumed) = try resume(reader, from: offsets[known], at: host)
          let isWhole = known > half
          #expect(
            resumed["recovered"] as? Bool == isWhole && (resumed["lost"] == nil) == isWhole, "\(resumed)")
          #expect(heard == Array((max(known, half) + 1)...Self.words), "from \(known)")
        }
      }
    }

    private func expectAll(of offsets: [String], behind reader: SluiceClient, at host: Server) throws {
      for share in Self.shares {
        let known = Self.words * share / 100
        let (heard, resumed) = try resume(reader, from: offsets[known], at: host)
        #expect(resumed["recovered"] as? Bool == true, "\(share) %: \(resumed)")
        #expect(heard == Array(known + 1..<Self.words + 1), "\(share) %")
      }
    }

    /// What the reader is told of the words behind `offset`, and how that ends.
    private func resume(
      _ reader: SluiceClient, from offset: String, at host: Server
    ) throws -> (heard: [Int], resumed: SluiceClient.Word) {
      let back = try SluiceClient(host)
      try back.say(["type": "resume", "offset": offset].merging(reader.position) { $1 })
      var heard: [Int] = []
      while true {
        let word = try back.any(within: 10, "resumed")
        if word["type"] as? String == "message", let number = word["data"] as? Int { heard.append(number) }
        if word["type"] as? String != "resumed" { continue }
        try back.web.close()
        return (heard, word)
      }
    }
  }
}
