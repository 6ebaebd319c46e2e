import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// A run that is ended before its time, and one that loses a generator: what is known is told, and so is what is not.
  @Suite(.serialized) struct LoadEndTests {
    private func start(_ server: Server, _ file: String, _ more: [String]) throws -> Program {
      try Program(
        Program.path("wsload"),
        ["ws://127.0.0.1:\(server.port)/ws?mode=echo&notify=0", "--quiet", "--json", file] + more,
        in: server.sandbox)
    }

    private func report(_ file: String) throws -> [String: Any] {
      let data = try Data(contentsOf: URL(fileURLWithPath: file))
      return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private func open(_ count: Int, on server: Server) throws {
      try Deadline.until(10, "\(count) sockets are open") {
        try server.http("GET", "/").body.hasSuffix("\"global_active_connections\": \(count)}")
      }
    }

    private func children(of pid: pid_t) -> [pid_t] {
      let list = try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)
      return (list ?? "").split(separator: " ").compactMap { pid_t($0) }
    }

    @Test(
      "whoever asks a run to end has a report of what was measured until then",
      arguments: [SIGINT, SIGTERM, SIGHUP], [1, 2])
    func asked(_ signal: Int32, _ processes: Int) throws {
      let server = try Server()
      let file = "\(server.sandbox.path)/asked.json"
      let program = try start(
        server, file, ["--sockets", "20", "--duration", "60", "--processes", "\(processes)"])
      try open(20, on: server)
      program.signal(signal)
      #expect(try program.exitCode(within: 15, "the run ends") == 0, "\(program.output)")
      let report = try report(file)
      #expect(report["verdict"] as? String == "pass")
      let stopped = try #require(report["stopped_at"] as? Double)
      #expect(stopped < 30 && program.output.contains("ended early"))
      LoadBooks(report).check()
    }

    @Test("however early it is asked, once there are generators")
    func early() throws {
      let server = try Server(workers: 1)
      let file = "\(server.sandbox.path)/early.json"
      let program = try start(server, file, ["--sockets", "12", "--duration", "60", "--processes", "6"])
      let deadline = Deadline(seconds: 10, "there is a generator")
      while children(of: program.pid).isEmpty { try #require(!deadline.isOver) }
      program.signal(SIGTERM)
      // Not one socket may have opened by then, and that is nothing to measure.
      #expect([1, 3].contains(try program.exitCode(within: 15, "the run ends")), "\(program.output)")
      let report = try report(file)
      #expect((report["generator"] as? [String: Any])?["failures"] as? [String] == [])
      #expect(report["verdict"] as? String == "fail" && report["stopped_at"] is Double)
    }

    @Test("nohup is heeded")
    func nohup() throws {
      let server = try Server(workers: 1)
      let file = "\(server.sandbox.path)/nohup.json"
      let words = [
        try Program.path("wsload"), "ws://127.0.0.1:\(server.port)/ws?mode=echo&notify=0", "--quiet",
        "--json", file, "--sockets", "5", "--duration", "3",
      ]
      let program = try Program("/usr/bin/nohup", words, in: server.sandbox)
      try open(5, on: server)
      program.signal(SIGHUP)
      #expect(try program.exitCode(within: 15, "the run ends") == 0, "\(program.output)")
      #expect(try report(file)["stopped_at"] is NSNull)
    }

    @Test("a generator that is killed fails the run, is named, and its sockets end with it")
    func killed() throws {
      let server = try Server()
      let file = "\(server.sandbox.path)/killed.json"
      let program = try start(
        server, file, ["--sockets", "30", "--duration", "4", "--processes", "3", "--send-rate", "5"])
      try open(30, on: server)
      let victim = try #require(children(of: program.pid).dropFirst().first)
      kill(victim, SIGKILL)
      #expect(try program.exitCode(within: 30, "the run ends") == 1, "\(program.output)")
      let report = try report(file)
      let failures = (report["generator"] as? [String: Any])?["failures"] as? [String] ?? []
      try #require(failures.count == 1)
      let words = "generator process \(victim) ended without a report (signal 9): sockets "
      #expect(failures.first?.hasPrefix(words) == true, "\(failures)")
      #expect((report["reasons"] as? [String])?.contains(failures[0]) == true)
      let sockets = report["sockets"] as? [String: Any]
      #expect(sockets?["opened"] as? Int == 20 && sockets?["open_at_end"] as? Int == 20)
      let open = (report["series"] as? [String: Any])?["open"] as? [Int] ?? []
      #expect(open.last == 20 && open.max() ?? 0 <= 30, "\(open)")
    }
  }
}
