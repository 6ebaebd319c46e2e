import Glibc
import Testing

extension EndToEnd {
  /// Names pass from worker to worker with their sockets, and Redis always knows who has them.
  @Suite(.serialized) struct RebalanceNamesTests {
    @Test("every letter arrives once and in order, and whoever asks is told so, while names pass")
    func letters() throws {
      let server = try Server()
      try server.guarded()
      let crowd = NamedCrowd(server)
      try crowd.join(0, 40)
      try crowd.talk(atLeast: 5, "before")
      for round in 0..<3 {
        if round > 0 { try crowd.join(round % 2, 20) }
        let command = try server.console("rebalance", "--wait")
        try crowd.talk(atLeast: 20, "while they pass") { !command.isRunning }
        #expect(try command.exitCode(within: 10, "the rebalance is over") == 0, "\(command.output)")
        #expect(command.output.contains("sockets moved between 2 workers"), "\(command.output)")
        let spread = try server.spread(of: crowd.count)
        #expect(abs(spread[0] - spread[1]) <= 1, "\(spread): \(command.output)")
        try crowd.expectAllKnown()
        try crowd.expectAllHeard()
        #expect(crowd.doubts.isEmpty, "\(crowd.doubts)")
      }
      let audit = try server.order("audit")
      #expect(audit.code == 0, "\(audit.output)")
    }

    @Test("whoever comes again under its name while it passes is the one who stays")
    func newest() throws {
      let server = try Server()
      try server.guarded()
      let names = (0..<6).map { "racer\($0)" }
      var racers = try names.map { try server.client("/ws/\($0)") }
      for round in 0..<4 {
        var weights: [WebClient] = []
        var number = 0
        while weights.count < 60 {
          number += 1
          weights.append(try server.client("/ws/w\(round)-\(number)"))
        }
        // Uneven: those of one worker leave.
        try server.count(becomes: weights.count + racers.count)
        let ports = try server.portsBySlot()[round % 2]
        weights.removeAll { ports.contains($0.localPort) }
        try server.count(becomes: weights.count + racers.count)
        let command = try server.console("rebalance", "--wait")
        var turn = 0
        repeat {
          let index = turn % names.count
          let former = racers[index]
          racers[index] = try server.client("/ws/\(names[index])")
          #expect(try former.ending() == "1000 reconnected", "round \(round), turn \(turn)")
          turn += 1
        } while command.isRunning
        #expect(try command.exitCode(within: 10, "the rebalance is over") == 0, "\(command.output)")
        try server.count(becomes: weights.count + racers.count)
        for (name, racer) in zip(names, racers) {
          let answer = try server.http("POST", "/clients/\(name)/messages", body: #"{"message": "you"}"#)
          #expect(answer.body == #"{"delivered": true}"#, "\(name)")
          #expect(try racer.text(within: 5, "a letter") == "you")
        }
      }
    }

    /// What one client has heard of each of the others, and of its own receipts: all of it once and in order.
    private struct Ear {
      let client: SluiceClient
      let index: Int
      private var acknowledged = 0
      private var heard: [Int]

      init(client: SluiceClient, index: Int, of count: Int) {
        self.client = client
        self.index = index
        heard = Array(repeating: 0, count: count)
      }

      private func has(_ words: Int) -> Bool {
        acknowledged >= words && heard.indices.allSatisfy { $0 == index || heard[$0] >= words }
      }

      mutating func listen(upTo words: Int) throws {
        while !has(words) {
          let word = try client.any(within: 10, "client \(index) misses a word")
          switch word["type"] as? String {
          case "ack":
            #expect(word["id"] as? String == "\(acknowledged)")
            acknowledged += 1
          case "message":
            let parts = try #require(word["data"] as? String).split(separator: " ").compactMap { Int($0) }
            try #require(parts.count == 2 && parts[0] != index)
            try #require(parts[1] == heard[parts[0]], "client \(index) of \(parts[0])")
            heard[parts[0]] += 1
          case let type: Issue.record("client \(index) is told \(type ?? "nothing"): \(word)")
          }
        }
      }
    }

    @Test(
      "sluice.v1 under a name: words, receipts, channels and data pass, and nobody is seen to come or go",
      arguments: [nil, "sent", "passed", "announced", "taken", "half"])
    func sluice(killAt step: String?) throws {
      let server = try Server(environment: step.map { ["SLUICE_PERIL": "kill:\($0)"] } ?? [:])
      try server.guarded()
      var clients: [SluiceClient] = []
      var number = 0
      while clients.count < 16 {
        number += 1
        let client = try SluiceClient(server, "/ws/s\(number)")
        var slot: Int?
        try Deadline.until(5, "it is listed") {
          slot = try server.portsBySlot().firstIndex { $0.contains(client.web.localPort) }
          return slot != nil
        }
        if slot == 1 { clients.append(client) }
      }
      try server.count(becomes: clients.count)
      for client in clients {
        _ = try client.ask(["type": "join", "channel": "room", "id": "j"])
        _ = try client.ask(["type": "set", "key": "k", "value": 7, "id": "s"])
      }
      for client in clients { while client.web.look(for: 0.05) != nil {} }
      let command = try server.console("rebalance", "--wait")
      var words = 0
      var ears = clients.indices.map { Ear(client: clients[$0], index: $0, of: clients.count) }
      repeat {
        for (index, client) in clients.enumerated() {
          try client.say([
            "type": "publish", "channel": "room", "data": "\(index) \(words)", "id": "\(words)",
          ])
        }
        words += 1
        // Some rounds are always on their way, but never so many that a reader counts as slow.
        for index in ears.indices { try ears[index].listen(upTo: words - 8) }
      } while words < 20 || command.isRunning
      #expect(try command.exitCode(within: 20, "the rebalance is over") == 0, "\(command.output)")
      #expect(try server.spread(of: clients.count) == [8, 8], "\(command.output)")
      #expect(server.program.output.contains("its standby takes over") == (step != nil))
      for index in ears.indices { try ears[index].listen(upTo: words) }
      for client in clients {
        #expect(try client.ask(["type": "get", "key": "k", "id": "g"])["value"] as? Int == 7)
      }
    }

    @Test("those who watch a task pass, and are told each change of it once, whatever they speak")
    func tasks() throws {
      let server = try Server()
      try server.guarded()
      let task = try server.task(#"{"kind": "sleep", "payload": 4}"#)
      try server.task(task, becomes: "running")
      let path = "/ws/tasks?task_id=\(task)"
      var watchers: [WebClient] = []
      func come(_ number: Int) throws -> WebClient {
        try server.client(path, fields: number % 2 == 0 ? ["Sec-WebSocket-Protocol: sluice.v1"] : [])
      }
      for number in 0..<24 { watchers.append(try come(number)) }
      try server.count(becomes: 24)
      let away = try server.portsBySlot()[1]
      watchers.removeAll { away.contains($0.localPort) }
      try server.count(becomes: watchers.count)
      let before = watchers.count
      try #require(before > 3)
      let command = try server.console("rebalance", "--wait")
      // Some come in the middle, and what they ask is still being looked up.
      for number in 0..<40 where number < 10 || command.isRunning { watchers.append(try come(number)) }
      #expect(try command.exitCode(within: 20, "the rebalance is over") == 0, "\(command.output)")
      #expect(!command.output.contains(" 0 sockets moved"), "\(command.output)")
      for (index, watcher) in watchers.enumerated() {
        var told: [String] = []
        while told.last != "done" {
          let text = try watcher.text(
            within: 15, "watcher \(index) of \(before) is told nothing after \(told)")
          if text.contains("\"welcome\"") { continue }
          told.append(try Server.member("status", of: text))
        }
        #expect(Set(told).count == told.count && told.count >= 2, "watcher \(index): \(told)")
        #expect(watcher.look(for: 0.02) == nil, "watcher \(index) is told more")
      }
    }

    @Test(
      "whoever dies at whatever step: every name is held, every letter that had arrived was heard once",
      arguments: [
        "held", "marked", "offered", "sent", "seen", "passed",
        "standing", "admitted", "announced", "kept", "taken", "half", "settled",
      ])
    func kill(at step: String) throws {
      let server = try Server(environment: ["SLUICE_PERIL": "kill:\(step)"])
      try server.guarded()
      let crowd = NamedCrowd(server)
      try crowd.join(0, 30)
      let command = try server.console("rebalance", "--wait")
      try crowd.talk(atLeast: 10, "while they pass") { !command.isRunning }
      let code = try command.exitCode(within: 20, "the rebalance is over")
      #expect(code == 0, "\(command.output) \(server.program.output.suffix(3000))")
      #expect(server.program.output.contains("its standby takes over"), "nobody died")
      let spread = try server.spread(of: crowd.count)
      #expect(abs(spread[0] - spread[1]) <= 1, "\(spread): \(command.output)")
      try crowd.expectAllKnown()
      try crowd.expectAllHeard()
      try server.count(becomes: crowd.count)
    }
  }
}
