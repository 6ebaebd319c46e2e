import Glibc
import Testing

extension EndToEnd {
  /// Sockets that pass from one running worker to another, and the clients who are not to notice.
  @Suite(.serialized) struct RebalanceTests {
    @Test("afterwards both workers have as many, and every word was heard once, in order")
    func even() throws {
      let server = try Server()
      try server.guarded()
      let weights = try server.weigh(down: 0, with: 80)
      let crowd = try RestartCrowd(server, speakers: 6, listeners: 14)
      let all = weights.count + crowd.count
      let before = try server.spread(of: all)
      #expect(before[0] - before[1] >= 40, "\(before)")
      try crowd.speak(atLeast: 10, "before")
      let command = try server.console("rebalance", "--wait")
      try crowd.speak(atLeast: 20, "while they pass") { !command.isRunning }
      let code = try command.exitCode(within: 10, "the rebalance is over")
      #expect(code == 0, "\(command.output) \(server.program.output.suffix(3000))")
      let after = try server.spread(of: all)
      #expect(abs(after[0] - after[1]) <= 1, "\(before) became \(after): \(command.output)")
      try crowd.speak(atLeast: 10, "after")
      try crowd.expectAllHeard()
      try server.agreed(on: all)
      let reply = try server.http("POST", "/broadcast", body: #"{"message": "all of you"}"#)
      #expect(reply.body.contains(#""total": \#(all), "succeeded": \#(all), "failed": 0"#), "\(reply.body)")
      let audit = try server.order("audit")
      #expect(audit.code == 0, "\(audit.output)")
    }

    @Test("who passes in the middle of what it says does not hear itself")
    func ownWords() throws {
      let server = try Server()
      try server.guarded()
      let weights = try server.weigh(down: 0, with: 80)
      let crowd = try RestartCrowd(server, speakers: 24, listeners: 0)
      let command = try server.console("rebalance", "--wait")
      try crowd.speak(atLeast: 20, "while they pass") { !command.isRunning }
      #expect(try command.exitCode(within: 10, "the rebalance is over") == 0, "\(command.output)")
      try crowd.expectAllHeard()
      try server.agreed(on: weights.count + crowd.count)
    }

    @Test("counts, names and channels go with the socket")
    func belongings() throws {
      let server = try Server()
      try server.guarded()
      let weights = try server.weigh(down: 0, with: 20)
      let counter = try server.client("/ws/chat/")
      let sluice = try (0..<4).map { _ in try SluiceClient(server) }
      for client in sluice {
        #expect(try client.ask(["type": "join", "channel": "c1", "id": "1"])["type"] as? String == "ack")
      }
      try counter.send("one")
      #expect(try counter.text().contains(#""count": 1"#))
      _ = try server.rebalanced()
      try counter.send("two")
      #expect(try counter.text().contains(#""count": 2"#))
      try sluice[0].say(["type": "publish", "channel": "c1", "data": "hello", "id": "2"])
      for client in sluice.dropFirst() {
        #expect(try client.next("message")["data"] as? String == "hello")
      }
      try server.count(becomes: weights.count + 5)
    }

    @Test("nobody is moved twice: a second rebalance has nothing to do")
    func again() throws {
      let server = try Server()
      try server.guarded()
      let weights = try server.weigh(down: 1, with: 30)
      #expect(try server.rebalanced().contains("15 sockets moved between 2 workers"))
      #expect(try server.rebalanced().contains("0 sockets moved"))
      #expect(try server.spread(of: weights.count) == [15, 15])
    }

    @Test("two thousand sockets under load, both ways: nothing is dropped, lost, doubled or reordered")
    func load() throws {
      let server = try Server()
      try server.guarded()
      let weights = try server.weigh(down: 0, with: 300)
      let load = try server.load(
        [
          "--sockets", "1500", "--duration", "8", "--send-rate", "1", "--ramp", "1s",
          "--assert", Server.clean + " && sent>=7000 && freeze_max<1s",
        ], path: "/ws?mode=echo&notify=0")
      try server.count(becomes: 1800, within: 15)
      let output = try server.rebalanced()
      let after = try server.spread(of: 1800)
      #expect(abs(after[0] - after[1]) <= 1, "\(after): \(output)")
      let audit = try server.order("audit")
      #expect(audit.code == 0, "\(audit.output)")
      #expect(try load.exitCode(within: 40, "wsload ends") == 0, "\(output) \(load.output)")
      try server.count(becomes: weights.count)
    }

    @Test("a roll is refused while a rebalance is on; a drain ends it")
    func others() throws {
      let server = try Server(environment: ["SLUICE_PERIL": "stop:kept"])
      try server.guarded()
      let weights = try server.weigh(down: 0, with: 30)
      let rebalance = try server.console("rebalance", "--wait")
      try server.program.line(with: "rebalance asked for by")
      let roll = try server.order("roll")
      #expect(roll.code != 0 && roll.output.contains("a rebalance is on"), "\(roll.output)")
      let drain = try server.console("drain", "--preset", "pod=8", "--wait")
      #expect(try rebalance.exitCode(within: 10, "the rebalance ends") != 0)
      #expect(rebalance.output.contains("a drain has begun"), "\(rebalance.output)")
      for client in weights { #expect(try client.ending(within: 20).hasPrefix("1012")) }
      #expect(try drain.exitCode(within: 20, "the drain ends") == 0, "\(drain.output)")
      try server.program.line(with: "drain ledger: ")
    }
  }
}
