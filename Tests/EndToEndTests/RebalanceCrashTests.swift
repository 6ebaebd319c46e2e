import Glibc
import Testing

extension EndToEnd {
  /// One of the two dies, or stands still, in the middle of a move.
  @Suite(.serialized) struct RebalanceCrashTests {
    @Test(
      "whoever dies at whatever step: every socket is somebody's, and every word is heard once",
      arguments: [
        "held", "marked", "offered", "sent", "seen", "passed",
        "standing", "admitted", "kept", "taken", "half", "settled",
      ])
    func kill(at step: String) throws {
      let server = try Server(environment: ["SLUICE_PERIL": "kill:\(step)"])
      try server.guarded()
      let weights = try server.weigh(down: 0, with: 40)
      let crowd = try RestartCrowd(server, speakers: 4, listeners: 6)
      try crowd.speak(atLeast: 5, "before")
      let command = try server.console("rebalance", "--wait")
      try crowd.speak(atLeast: 20, "while they pass") { !command.isRunning }
      let code = try command.exitCode(within: 20, "the rebalance is over")
      #expect(code == 0, "\(command.output) \(server.program.output.suffix(3000))")
      #expect(server.program.output.contains("its standby takes over"), "nobody died")
      try crowd.expectAllHeard()
      let all = weights.count + crowd.count
      try server.agreed(on: all)
      let after = try server.spread(of: all)
      #expect(abs(after[0] - after[1]) <= 1, "\(after): \(command.output)")
    }

    @Test(
      "whoever stands still at a step is ended, and nobody has lost anything",
      arguments: ["sent", "kept", "taken"])
    func stop(at step: String) throws {
      let server = try Server(environment: ["SLUICE_PERIL": "stop:\(step)"])
      try server.guarded()
      let weights = try server.weigh(down: 0, with: 20)
      let crowd = try RestartCrowd(server, speakers: 2, listeners: 4)
      let command = try server.console("rebalance", "--wait")
      try crowd.speak(atLeast: 20, "while they pass") { !command.isRunning }
      let code = try command.exitCode(within: 20, "the rebalance is over")
      #expect(code == 0, "\(command.output) \(server.program.output.suffix(3000))")
      try crowd.expectAllHeard()
      try server.agreed(on: weights.count + crowd.count)
    }

    @Test("workers killed at random moments of one rebalance after the other")
    func random() throws {
      let server = try Server()
      try server.guarded()
      let crowd = try RestartCrowd(server, speakers: 4, listeners: 6)
      var weights: [WebClient] = []
      let seed = UInt64(Deadline.now * 1000)
      var random = seed
      for round in 0..<6 {
        weights += try server.weigh(down: round % 2, with: 60)
        let command = try server.console("rebalance", "--wait")
        try Deadline.until(10, "it begins") {
          server.program.output.split(separator: "\n").count { $0.contains("rebalance asked for") } == round
            + 1
        }
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        usleep(UInt32(random >> 33) % 30_000)
        Glibc.kill(server.workers[Int(random >> 63)], SIGKILL)
        try crowd.speak(atLeast: 10, "round \(round), seed \(seed)") { !command.isRunning }
        let code = try command.exitCode(within: 20, "round \(round) is over")
        #expect(code == 0, "seed \(seed): \(command.output) \(server.program.output.suffix(3000))")
        try server.freshlyGuarded()
      }
      try crowd.expectAllHeard()
      try server.agreed(on: weights.count + crowd.count)
    }
  }
}
