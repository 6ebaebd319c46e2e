import Glibc
import Testing

extension EndToEnd {
  /// What one says and many hear, while those who carry it are replaced.
  @Suite(.serialized) struct RestartCrowdTests {
    @Test("every word reaches every other socket once and in order, through kills and a roll")
    func crowd() throws {
      let server = try Server()
      try server.guarded()
      let crowd = try RestartCrowd(server, speakers: 6, listeners: 14)
      try server.agreed(on: crowd.count)
      try crowd.speak(atLeast: 20, "before")
      for (kills, slot) in [0, 1, 0].enumerated() {
        kill(server.workers[slot], SIGKILL)
        try crowd.speak(atLeast: 20, "while slot \(slot) changes hands") {
          try server.isSettled(after: kills + 1)
        }
      }
      let roll = try server.console("roll", "--wait")
      try crowd.speak(atLeast: 20, "while both are rolled") { try server.isSettled(after: 5) }
      #expect(try roll.exitCode(within: 10, "the roll is over") == 0, "\(roll.output)")
      // Both at once.
      for pid in server.workers { kill(pid, SIGKILL) }
      try server.explained {
        try crowd.speak(atLeast: 20, "while both change hands") { try server.isSettled(after: 7) }
      }
      try crowd.expectAllHeard()
      try server.agreed(on: crowd.count)
      let reply = try server.http("POST", "/broadcast", body: #"{"message": "all of you"}"#)
      #expect(reply.body.contains(#""total": \#(crowd.count), "succeeded": \#(crowd.count), "failed": 0"#))
    }
  }
}
