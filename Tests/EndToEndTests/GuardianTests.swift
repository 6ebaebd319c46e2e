import Glibc
import Testing

extension EndToEnd {
  /// The outermost process, and what becomes of the others without it.
  @Suite(.serialized) struct GuardianTests {
    @Test(
      "a killed guardian: its supervisor takes its place, nobody notices, and the next deaths cost nobody either"
    )
    func guardian() throws {
      let server = try Server()
      try server.guarded()
      let clients = try (0..<20).map { _ in try server.client("/ws?mode=echo&notify=0") }
      let (workers, redis) = (server.workers, server.redis)
      try killGuardian(of: server)
      try server.program.line(with: "the guardian is gone: its supervisor (pid \(server.nextGuardian ?? 0))")
      try expectLeader(server, times: 2)
      try expectEcho(clients)
      #expect(server.workers == workers && server.redis == redis)
      let wire = try server.askRedis()
      #expect(try wire.events().contains { $0["text"]?.hasPrefix("the guardian is gone") == true })
      // All is as it was: the next supervisor may die, a worker, and the next guardian.
      kill(try #require(server.supervisor), SIGKILL)
      try expectLeader(server, times: 3)
      try server.freshlyGuarded()
      kill(workers[0], SIGKILL)
      try expectEcho(clients)
      try server.freshlyGuarded()
      try killGuardian(of: server)
      try expectLeader(server, times: 4)
      try expectEcho(clients)
      for client in clients { try client.close() }
      let all = server.children
      kill(try #require(server.nextGuardian), SIGTERM)
      try expectEnd(all)
    }

    @Test("told to end before the next supervisor leads, all of it ends", arguments: [false, true])
    func endMeanwhile(isStarted: Bool) throws {
      let server = try Server()
      try server.guarded()
      let (before, all) = (try #require(server.supervisor), server.children)
      kill(before, SIGKILL)
      if isStarted {
        try Deadline.until(5, "the next supervisor") { server.supervisor.map { $0 != before } == true }
      }
      server.program.signal(SIGTERM)
      #expect(try server.program.exitCode(within: 10, "it ends as ever") == 0)
      try expectEnd(all)
    }

    @Test("killed in a drain, or before anything is served, it leaves nothing behind")
    func endWithout() throws {
      let server = try Server()
      let client = try server.client("/ws?mode=echo&notify=0")
      let all = server.children
      server.program.signal(SIGTERM)
      try server.program.line(with: "Shutdown initiated")
      server.program.signal(SIGKILL)
      try client.send("still here")
      #expect(try client.text() == "echo: still here")
      try client.close()
      try expectEnd(all)

      let sandbox = try Sandbox()
      let program = try Program(
        Program.path("wsserver"),
        ["--listen", "127.0.0.1:0", "--metrics-listen", "none", "--state", sandbox.path]
          + ["--redis", "redis://127.0.0.1:1", "--redis-patience", "60s"], in: sandbox)
      let children = {
        (try? String(contentsOfFile: "/proc/\(program.pid)/task/\(program.pid)/children")) ?? ""
      }
      try Deadline.until(5, "its supervisor") { !children().isEmpty }
      let supervisor = try #require(pid_t(children().split(separator: " ")[0]))
      program.signal(SIGKILL)
      try expectEnd([supervisor])
    }

    @Test(
      "settings that are wrong by now do not leave the workers to nobody: once they are right, they are led again"
    )
    func wrongSettings() throws {
      let sandbox = try Sandbox()
      let path = "\(sandbox.path)/settings"
      try write("max_connections = 50\n", to: path)
      let server = try Server(["--config", path], sandbox: sandbox)
      let clients = try (0..<4).map { _ in try server.client("/ws?mode=echo&notify=0") }
      try write("max_connections = many\n", to: path)
      kill(try #require(server.supervisor), SIGKILL)
      try server.program.line(with: "many")
      try expectEcho(clients)
      #expect(server.program.isRunning)
      try write("max_connections = 50\n", to: path)
      try expectLeader(server, times: 2)
      try expectEcho(clients)
    }

    private func killGuardian(of server: Server) throws {
      let supervisor = try #require(server.supervisor)
      kill(server.nextGuardian ?? server.program.pid, SIGKILL)
      server.nextGuardian = supervisor
      try Deadline.until(5, "the next supervisor") { server.supervisor.map { $0 != supervisor } == true }
    }

    private func expectLeader(_ server: Server, times: Int) throws {
      try Deadline.until(10, "it leads\n\(server.program.output)") {
        server.program.output.split(separator: "\n").count { $0.contains("listening on ") } == times
      }
    }

    private func expectEcho(_ clients: [WebClient]) throws {
      for client in clients {
        try client.send("x")
        #expect(try client.text() == "echo: x")
      }
    }

    /// A zombie that nobody has buried yet is dead enough.
    private func expectEnd(_ processes: [pid_t]) throws {
      try Deadline.until(10, "all of it ends") {
        processes.allSatisfy { pid in
          guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat"), !text.isEmpty else {
            return true
          }
          return text.split(separator: ")")[1].hasPrefix(" Z")
        }
      }
    }

    private func write(_ text: String, to path: String) throws {
      guard let file = fopen(path, "w") else { throw Trouble("cannot write \(path)") }
      fputs(text, file)
      fclose(file)
    }
  }
}
