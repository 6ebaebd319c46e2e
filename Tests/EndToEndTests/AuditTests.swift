import Glibc
import Testing

extension EndToEnd {
  /// `wsconsole audit`: do workers, standbys, kernel and Redis say the same?
  @Suite(.serialized) struct AuditTests {
    private func audit(_ server: Server, _ more: [String] = []) throws -> (code: Int32, output: String) {
      let program = try Program(
        Program.path("wsconsole"), ["audit"] + more, in: server.sandbox,
        environment: ["SLUICE_STATE": server.sandbox.path])
      return (try program.exitCode(within: 20, "the audit ends"), program.output)
    }

    @Test("with every standby in place, and after a takeover, nothing is found")
    func clean() throws {
      let server = try Server()
      try server.guarded()
      let clients = try (0..<30).map { _ in try server.client("/ws?mode=echo&notify=0") }
      try server.count(becomes: 30)
      let first = try audit(server)
      #expect(
        first.code == 0 && first.output.contains("30 sockets checked, nothing found"), "\(first.output)")
      kill(server.workers[0], SIGKILL)
      for client in clients {
        try client.send("x")
        #expect(try client.text() == "echo: x")
      }
      try server.guarded()
      let second = try audit(server)
      #expect(
        second.code == 0 && second.output.contains("30 sockets checked, nothing found"), "\(second.output)")
    }

    @Test("a standby that does not answer is named: its worker's sockets would not survive it")
    func gaps() throws {
      let server = try Server(workers: 1)
      try server.guarded(slots: 1)
      let clients = try (0..<5).map { _ in try server.client("/ws?mode=echo&notify=0") }
      try server.count(becomes: 5)
      let standby = try #require(server.standbys.first)
      kill(standby, SIGSTOP)
      let found = try audit(server)
      kill(standby, SIGCONT)
      #expect(found.code == 1)
      #expect(
        found.output.contains("worker 0 has no standby: its sockets would not survive it"), "\(found.output)")
      try client(clients[0])
    }

    private func client(_ client: WebClient) throws {
      try client.send("y")
      #expect(try client.text() == "echo: y")
    }
  }
}
