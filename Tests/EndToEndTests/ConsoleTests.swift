import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// wsconsole in a real terminal (tmux), and its subcommands.
  @Suite(.serialized) struct ConsoleTests {
    private func console(_ server: Server) throws -> String {
      "\(try Program.path("wsconsole")) --state \(server.sandbox.path)"
    }

    private func script(_ server: Server, _ arguments: [String]) throws -> (code: Int32, output: String) {
      let program = try Program(
        Program.path("wsconsole"), arguments + ["--state", server.sandbox.path], in: server.sandbox)
      let code = try program.exitCode(within: 40, "wsconsole \(arguments) ends")
      return (code, program.output)
    }

    @Test("the screen shows the fleet, asks before it drains, and shows the ledger at the end")
    func screen() throws {
      let server = try Server(["--host-id", "web-1"])
      let clients = try (0..<7).map { _ in try server.client("/ws?notify=0") }
      let window = try ConsoleWindow(console(server), width: 90, height: 24, in: server.sandbox)
      try window.wait(for: "web-1")
      try Deadline.until(5, "seven sockets on the screen") {
        window.screen.split(separator: "\n").contains { $0.contains("web-1") && $0.contains(" 7 ") }
      }
      try window.press("2")
      try window.wait(for: "web-1/1")
      try window.press("p")
      try window.wait(for: "No roll is on.")
      try window.press("?")
      try Deadline.until(5, "an old word is gone") { !window.screen.contains("No roll is on.") }
      try window.wait(for: "drain: ask every client to leave")
      try window.press("d")
      try window.wait(for: "7 sockets will go, then the server ends.")
      try window.press("Escape")
      try Deadline.until(5, "the question is gone") { !window.screen.contains("will go") }
      try window.press("d")
      try window.press("p")
      try window.wait(for: "swift: 6s to leave")
      try window.press("y")
      try window.wait(for: "web-1 does it")
      try window.wait(for: "7 of 7 open")
      try window.press("u")
      try window.wait(for: "7 sockets stay on 1 host")
      try window.press("y")
      try window.wait(for: "Nothing is being drained")
      try clients[0].send("still here")
      #expect(try clients[0].text() == "echo: still here")
      try window.press("d")
      try window.press("y")
      try window.wait(for: "web-1  drained", 20)
      try window.wait(for: "start 7  handed 0  moved 0  left 0  paced 7  forced 0  lost 0")
      #expect(try server.program.exitCode(within: 10, "the server ends") == 0)
    }

    @Test("any size of the terminal, and back")
    func resizing() throws {
      let server = try Server(workers: 1)
      let window = try ConsoleWindow(console(server), width: 80, height: 24, in: server.sandbox)
      try window.wait(for: "1 overview")
      try window.resize(20, 5)
      try window.wait(for: "Terminal too small:")
      try window.resize(120, 40)
      try window.wait(for: "1 overview")
      try window.press("q")
      try Deadline.until(5, "the screen is given back") { !window.screen.contains("overview") }
    }

    @Test("Redis killed under the console: it says so, and goes on when Redis is back")
    func redisGone() throws {
      let server = try Server(workers: 1)
      let window = try ConsoleWindow(console(server), width: 80, height: 24, in: server.sandbox)
      try window.wait(for: "redis ")
      kill(try #require(server.redis), SIGSTOP)
      try Deadline.until(10, "the screen says that Redis does not answer") {
        ["redis slow", "redis down", "stale"].contains { window.screen.contains($0) }
      }
      kill(try #require(server.redis), SIGKILL)
      // The head then tells the time of a round trip again.
      try Deadline.until(30, "Redis is up again") {
        window.screen.split(separator: "\n").first?.contains(/redis [0-9]/) ?? false
      }
      try window.wait(for: "serving")
    }

    @Test("subcommands: status, workers, events, refused and carried-out commands")
    func subcommands() throws {
      let server = try Server(["--host-id", "web-1"])
      let client = try server.client("/ws?notify=0")
      _ = client
      try Deadline.until(5, "the socket is counted") {
        try self.script(server, ["status"]).output.contains("1 socket,")
      }
      let status = try script(server, ["status", "--json"])
      #expect(status.code == 0)
      let json = try #require(JSONSerialization.jsonObject(with: Data(status.output.utf8)) as? [String: Any])
      let host = try #require((json["hosts"] as? [[String: Any]])?.first)
      #expect(host["id"] as? String == "web-1")
      #expect(host["sockets"] as? Int == 1)
      #expect((host["workers"] as? [[String: Any]])?.count == 2)
      #expect(try script(server, ["workers"]).output.contains("web-1/1"))
      #expect(try script(server, ["events"]).output.contains("ready, 2 workers"))
      let refused = try script(server, ["undrain"])
      #expect(refused.code == 1)
      #expect(refused.output == "web-1: refused, there is no drain to take back\n")
      let unknown = try script(server, ["drain", "--host", "web-9"])
      #expect(unknown.code == 1)
      let drain = try script(server, ["drain", "--preset", "now", "--wait", "--json"])
      #expect(drain.code == 0, "\(drain.output)")
      let ledgers = try #require(
        JSONSerialization.jsonObject(with: Data(drain.output.utf8)) as? [String: [String: Int]])
      #expect(ledgers["web-1"]?["start"] == 1)
      #expect(ledgers["web-1"]?["forced"] == 1)
      #expect(try server.program.exitCode(within: 10, "the server ends") == 0)
    }

    @Test("who waits for a drain hears of its end, though Redis goes with the server")
    func waiting() throws {
      let server = try Server(["--host-id", "web-1"])
      let clients = try (0..<5).map { _ in try server.client("/ws?notify=0") }
      let program = try Program(
        Program.path("wsconsole"),
        ["drain", "--preset", "pod=3", "--wait", "--state", server.sandbox.path], in: server.sandbox)
      #expect(try program.exitCode(within: 15, "the drain is over") == 0)
      #expect(program.output.hasPrefix("web-1: start=5 handed=0 moved=0 left=0 paced="), "\(program.output)")
      withExtendedLifetime(clients) {}
    }

    @Test("no server, no terminal, a slip: one line and the right exit code")
    func mistakes() throws {
      let sandbox = try Sandbox()
      let nobody = try Program(Program.path("wsconsole"), ["status", "--state", sandbox.path], in: sandbox)
      #expect(try nobody.exitCode(within: 10, "no server") == 3)
      #expect(nobody.output.hasPrefix("wsconsole: no running server found in \(sandbox.path)"))
      let away = try Program(
        Program.path("wsconsole"), ["status", "--redis", "redis://127.0.0.1:1"], in: sandbox)
      #expect(try away.exitCode(within: 10, "no Redis") == 3)
      #expect(
        away.output
          == "wsconsole: redis://127.0.0.1:1/0 is down: see wsconsole doctor, or name another with --redis\n")
      let plain = try Program(Program.path("wsconsole"), ["--redis", "redis://127.0.0.1:1"], in: sandbox)
      #expect(try plain.exitCode(within: 10, "no terminal") == 3)
      #expect(plain.output.hasPrefix("wsconsole: this needs a terminal"))
      let slip = try Program(Program.path("wsconsole"), ["drian"], in: sandbox)
      #expect(try slip.exitCode(within: 10, "a slip") == 2)
      #expect(
        slip.output == "wsconsole: there is no command 'drian', did you mean drain?: see wsconsole --help\n")
    }
  }
}
