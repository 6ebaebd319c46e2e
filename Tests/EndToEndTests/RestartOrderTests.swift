import Glibc
import Testing

extension EndToEnd {
  /// What operators ask of the workers of a running server, and what they are refused.
  @Suite(.serialized) struct RestartOrderTests {
    private func write(_ text: String, to path: String) throws {
      guard let file = fopen(path, "w") else { throw Trouble("cannot write \(path)") }
      defer { fclose(file) }
      fputs(text, file)
    }

    private func expectEcho(_ clients: [WebClient]) throws {
      for client in clients {
        try client.send("x")
        #expect(try client.text() == "echo: x")
      }
    }

    @Test(
      "a reload brings new settings to old sockets; one that cannot change, or makes no sense, is refused")
    func reload() throws {
      let sandbox = try Sandbox()
      let file = "\(sandbox.path)/sluice.conf"
      try write("MAX_MESSAGE_SIZE=1k\n", to: file)
      let server = try Server(["--config", file], sandbox: sandbox)
      try server.guarded()
      let clients = try (0..<8).map { _ in try server.client("/ws?mode=echo&notify=0") }
      for (text, reason) in [
        ("NOTIFY_INTERVAL=soon\n", "NOTIFY_INTERVAL (config file) is 'soon'"),
        ("SLUICE_HOST_ID=other\n", "host-id cannot change while the server runs"),
      ] {
        try write(text, to: file)
        let answer = try server.order("reload", "--wait")
        #expect(answer.code == 1 && answer.output.contains(reason), "\(answer.output)")
      }
      #expect(try server.recorded("restarts") == "0")
      try write("MAX_MESSAGE_SIZE=2k\n", to: file)
      let answer = try server.order("reload", "--wait")
      #expect(answer.code == 0 && answer.output.contains("done: 2 workers replaced"), "\(answer.output)")
      try expectEcho(clients)
      let metrics = try server.http("GET", "/metrics").body
      for line in ["sluice_takeovers_total 2", "sluice_handed_over_sockets_total 8"] {
        #expect(metrics.contains("\n\(line)\n"), "\(line)")
      }
      #expect(!metrics.contains("\nsluice_takeover_seconds 0.000000\n"))
      let long = String(repeating: "x", count: 1500)
      let late = try server.client("/ws?mode=echo&notify=0")
      try late.send(long)
      #expect(try late.text() == "echo: " + long)
      try server.agreed(on: 9)
    }

    @Test("one that takes over a second time has its whole time for it, whenever the first time was")
    func heirTwice() throws {
      let server = try Server(workers: 1)
      try server.guarded(slots: 1)
      let clients = try (0..<4).map { _ in try server.client("/ws?mode=echo&notify=0") }
      let first = try #require(server.workers.first)
      let heir = try #require(server.standbys.first)
      kill(first, SIGKILL)
      let since = Deadline.now
      try Deadline.until(5, "the heir serves") { server.workers == [heir] }
      try server.freshlyGuarded(slots: 1)
      // Its time to take over in is five seconds; towards their end it stands by again, in the middle of a roll.
      try Deadline.until(6, "these are nearly over") { Deadline.now - since > 4.7 }
      let roll = try server.console("roll", "--wait")
      try Deadline.until(5, "its successor serves") { server.workers.contains { $0 != heir } }
      kill(heir, SIGSTOP)
      for pid in server.workers where pid != heir { kill(pid, SIGKILL) }
      try Deadline.until(6, "the first five seconds are over") { Deadline.now - since > 5.3 }
      kill(heir, SIGCONT)
      try expectEcho(clients)
      _ = try roll.exitCode(within: 20, "the roll ends")
    }

    @Test("a roll is held, gone on with, and no second one begins beside it")
    func pause() throws {
      let server = try Server(workers: 3)
      try server.guarded(slots: 3)
      let before = server.workers
      let clients = try (0..<9).map { _ in try server.client("/ws?mode=echo&notify=0") }
      #expect(try server.order("roll", "--proceed").output.hasSuffix("refused, no roll is on\n"))
      #expect(try server.order("roll").code == 0)
      let held = try server.order("roll", "--pause", "--wait")
      #expect(held.code == 0 && held.output.contains("paused before worker "), "\(held.output)")
      let second = try server.order("roll", "--wait")
      #expect(second.code == 1 && second.output.contains("a roll is on already"), "\(second.output)")
      #expect(try server.order("reload").code == 1)
      #expect(try server.order("roll", "--pause").output.hasSuffix("refused, it is paused already\n"))
      #expect(server.workers[2] == before[2])
      try expectEcho(clients)
      let rest = try server.order("roll", "--proceed", "--wait")
      #expect(rest.code == 0 && rest.output.contains("done: 3 workers replaced"), "\(rest.output)")
      #expect(Set(server.workers).isDisjoint(with: before))
      try expectEcho(clients)
      try server.agreed(on: 9, slots: 3)
    }

    @Test(
      "a reload taken back: those replaced have their former settings again, the others were never touched")
    func takeBack() throws {
      let sandbox = try Sandbox()
      let file = "\(sandbox.path)/sluice.conf"
      try write("NOTIFY_TEXT=before\n", to: file)
      let server = try Server(["--config", file], workers: 3, sandbox: sandbox)
      try server.guarded(slots: 3)
      let before = server.workers
      let clients = try (0..<9).map { _ in try server.client("/ws?mode=echo&notify=0") }
      try write("NOTIFY_TEXT=after\n", to: file)
      #expect(try server.order("reload").code == 0)
      #expect(try server.order("roll", "--pause", "--wait").code == 0)
      let back = try server.order("roll", "--take-back", "--wait")
      #expect(back.code == 0 && back.output.contains("every worker is as before"), "\(back.output)")
      #expect(server.workers[2] == before[2])
      try expectEcho(clients)
      let knocked = try (0..<6).map { _ in try server.client("/ws?notify=1") }
      for client in knocked { #expect(try client.text() == "before") }
    }

    @Test("a successor that dies before it serves ends the roll, and nobody has noticed")
    func deadSuccessor() throws {
      let server = try Server()
      try server.guarded()
      let known = Set(server.children)
      let before = server.workers
      let clients = try (0..<8).map { _ in try server.client("/ws?mode=echo&notify=0") }
      let roll = try server.console("roll", "--wait")
      try Deadline.until(5, "a successor") {
        let new = server.children.filter { !known.contains($0) }
        for pid in new { kill(pid, SIGKILL) }
        return !new.isEmpty
      }
      #expect(try roll.exitCode(within: 15, "the roll is over") == 1)
      // Told by its end, or by the worker that was about to hand over to it: whoever noticed first.
      let reasons = ["ended: signal 9", "it ended before it took over"]
      let isTold = reasons.contains { roll.output.contains("stopped: worker 0: \($0) (0 of 2 replaced") }
      #expect(isTold, "\(roll.output)")
      #expect(server.workers == before)
      try expectEcho(clients)
      let next = try server.order("roll", "--wait")
      #expect(next.code == 0, "\(next.output)")
      try expectEcho(clients)
      try server.agreed(on: 8)
    }

    @Test(
      "a drain ends a roll and no roll begins in a drain; its ledger knows every socket, wherever it is by then"
    )
    func drain() throws {
      let server = try Server(["--drain-preset", "patient"])
      try server.guarded()
      let clients = try (0..<12).map { _ in try server.client("/ws?mode=echo&notify=0") }
      #expect(try server.order("roll", "--wait").code == 0)
      let roll = try server.console("roll", "--wait")
      try Deadline.until(5, "the roll is on") { try server.recorded("restarts") != "2" || roll.output != "" }
      server.program.signal(SIGTERM)
      try server.program.line(with: "Shutdown initiated")
      #expect(try roll.exitCode(within: 10, "the roll is over") == 1, "\(roll.output)")
      #expect(roll.output.contains("stopped: a drain has begun"), "\(roll.output)")
      let refused = try server.order("roll")
      #expect(refused.code == 1 && refused.output.hasSuffix("refused, a drain is on\n"), "\(refused.output)")
      for client in clients.prefix(5) {
        try client.close()
        #expect(try client.next() == .close(1000))
      }
      try expectEcho(Array(clients.dropFirst(5)))
      server.program.signal(SIGTERM)
      for client in clients.dropFirst(5) { #expect(try client.next() == .close(1012)) }
      #expect(try server.program.exitCode(within: 6, "forced") == 0)
      #expect(
        server.program.output.contains(
          "drain ledger: start=12 handed=0 moved=0 left=5 paced=0 forced=7 lost=0\n"))
    }
  }
}
