import Glibc
import Testing

extension EndToEnd {
  /// Workers that are replaced, die or stand still under load: the clients' books say that nothing was.
  @Suite(.serialized) struct RestartLoadTests {
    @Test(
      "a roll and a reload in the middle of torn frames: nothing is dropped, lost, doubled, reordered, damaged"
    )
    func roll() throws {
      let server = try Server()
      try server.guarded()
      let before = server.workers + server.standbys
      let load = try server.load([
        "--sockets", "300", "--duration", "6", "--send-rate", "5", "--size", "200", "--cut", "50",
        "--restart", "roll", "--at", "1500ms", "--restart", "kill -HUP \(server.program.pid)", "--at",
        "3500ms",
        "--assert", Server.clean + " && sent>=7000 && freeze_max<1s",
      ])
      #expect(try load.exitCode(within: 30, "wsload ends") == 0, "\(load.output)")
      try server.settled(after: 4)
      #expect(Set(before).isDisjoint(with: server.workers + server.standbys))
      #expect(server.program.output.contains("reload: done: 2 workers replaced"))
      try server.agreed(on: 0)
    }

    @Test("a standby dies, then its worker: the next standby was there in time")
    func standby() throws {
      let server = try Server()
      try server.guarded()
      let (worker, standby) = (server.workers[0], server.standbys[0])
      let load = try server.load([
        "--sockets", "200", "--duration", "6", "--send-rate", "5", "--restart", "kill -9 \(standby)",
        "--at", "1", "--restart", "kill -9 \(worker)", "--at", "3500ms",
        "--assert", Server.clean + " && freeze_max<1s",
      ])
      #expect(try load.exitCode(within: 30, "wsload ends") == 0, "\(load.output)")
      try server.settled(after: 1)
      #expect(!(server.workers + server.standbys).contains { $0 == worker || $0 == standby })
    }

    @Test("a worker that stands still is found within three seconds, ended, and nobody has lost anything")
    func hung() throws {
      let server = try Server()
      try server.guarded()
      let worker = server.workers[1]
      let load = try server.load([
        "--sockets", "200", "--duration", "6", "--send-rate", "5", "--restart", "kill -STOP \(worker)",
        "--at", "1", "--assert", Server.clean + " && freeze_max<5s && freeze_max>=2s",
      ])
      #expect(try load.exitCode(within: 30, "wsload ends") == 0, "\(load.output)")
      try server.program.line(with: "worker 1 (pid \(worker)) has stood still for ")
      try server.settled(after: 1)
      #expect(try server.askRedis().events().contains { $0["kind"] == "hung" && $0["slot"] == "1" })
    }
  }
}
