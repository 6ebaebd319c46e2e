import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// What wsload leaves behind, and what it shows while it runs: with real processes and a real terminal.
  @Suite(.serialized) struct LoadReportTests {
    private func url(_ server: Server) -> String { "ws://127.0.0.1:\(server.port)/ws?mode=echo&notify=0" }

    private func load(_ arguments: [String], in server: Server, code expected: Int32 = 0) throws -> String {
      let program = try Program(Program.path("wsload"), arguments, in: server.sandbox)
      let code = try program.exitCode(within: 40, "wsload ends")
      #expect(code == expected, "\(arguments): \(program.output)")
      return program.output
    }

    private func read(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    private func report(_ path: String) throws -> [String: Any] {
      let data = try Data(contentsOf: URL(fileURLWithPath: path))
      return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    }

    @Test("the steps of several generators add up to the run, in every form of the report")
    func series() throws {
      let server = try Server()
      let folder = server.sandbox.path
      _ = try load(
        [
          url(server), "--sockets", "100", "--send-rate", "5", "--duration", "3", "--processes", "2",
          "--quiet",
          "--json", "\(folder)/a.json", "--csv", "\(folder)/a.csv", "--html", "\(folder)/a.html", "--junit",
          "\(folder)/a.xml",
        ], in: server)
      let run = try report("\(folder)/a.json")
      let messages = try #require(run["messages"] as? [String: Any])
      let series = try #require(run["series"] as? [String: Any])
      let received = try #require(series["received"] as? [Int])
      let sent = try #require(series["sent"] as? [Int])
      #expect(received.reduce(0, +) == messages["received"] as? Int)
      #expect(sent.reduce(0, +) == messages["sent"] as? Int)
      #expect((series["open"] as? [Int])?.max() == 100 && received.count >= 12)
      let histograms = try #require(series["latency_histograms"] as? [[Int]])
      #expect(histograms.reduce(0) { $0 + ($1.first ?? 0) } == messages["received"] as? Int)
      let rows = try read("\(folder)/a.csv").split(separator: "\r\n").dropFirst()
      #expect(rows.map { Int($0.split(separator: ",")[2]) } == received.map { $0 })
      #expect(try read("\(folder)/a.html").hasPrefix("<!DOCTYPE html>"))
      #expect(try read("\(folder)/a.xml").contains("failures=\"0\""))
    }

    @Test("a kept run can be shown again, run again, and held against another")
    func kept() throws {
      let server = try Server()
      let folder = server.sandbox.path
      let first = "\(folder)/first.json"
      _ = try load(
        [
          url(server), "--sockets", "50", "--send-rate", "5", "--duration", "2", "--quiet", "--json", first,
          "--html", "\(folder)/first.html",
        ], in: server)
      _ = try load(["report", first, "--html", "\(folder)/again.html"], in: server)
      #expect(try read("\(folder)/first.html") == (try read("\(folder)/again.html")))

      _ = try load(["replay", first, "--quiet", "--json", "\(folder)/second.json"], in: server)
      let plans = try [first, "\(folder)/second.json"].map { try report($0)["plan"] as? [String: Any] }
      #expect(plans[0]?["arguments"] as? [String] == plans[1]?["arguments"] as? [String])
      #expect(plans[0]?["sockets"] as? Int == 50 && plans[1]?["sockets"] as? Int == 50)

      #expect(try load(["compare", first, first], in: server).contains("too little to judge by"))
      _ = try load(["compare", first, "\(folder)/nowhere.json"], in: server, code: 3)
      _ = try load(["compare", first, "\(folder)/first.html"], in: server, code: 2)
      _ = try load(["report", first], in: server, code: 2)
    }

    @Test("a file that has no place is known before the run; one that fails takes nothing from the others")
    func unwritable() throws {
      let server = try Server()
      let folder = server.sandbox.path
      let plan = [url(server), "--sockets", "2", "--duration", "500ms", "--quiet"]
      let early = try load(plan + ["--html", "\(folder)/nowhere/page.html"], in: server, code: 3)
      #expect(early == "wsload: write \(folder)/nowhere/page.html: No such file or directory (2)\n")
      let late = try load(
        plan + ["--json", "/dev/full", "--html", "/dev/full", "--csv", "\(folder)/steps.csv"], in: server,
        code: 3)
      #expect(
        late.contains("PASS") && late.hasSuffix("wsload: write /dev/full: No space left on device (28)\n"))
      #expect(try read("\(folder)/steps.csv").hasPrefix("second,"))
      _ = try load(plan + ["--json", ""], in: server, code: 2)
      // What cannot be read is one line, too, however many generators there are to be.
      for processes in ["1", "2"] {
        let words = try load(
          ["wss://127.0.0.1:1/", "--trust", "\(folder)/nowhere", "--processes", processes], in: server,
          code: 3)
        #expect(words == "wsload: \(folder)/nowhere: No such file or directory\n")
      }
    }

    @Test("a run that lost its sockets is worse than one that did not: exit code 1")
    func worse() throws {
      let server = try Server(["--drain-preset", "now"])
      let folder = server.sandbox.path
      let plan = [url(server), "--sockets", "50", "--send-rate", "5", "--duration", "3", "--quiet"]
      _ = try load(plan + ["--json", "\(folder)/good.json"], in: server)
      let program = try Program(
        Program.path("wsload"), plan + ["--reconnect", "none", "--json", "\(folder)/bad.json"],
        in: server.sandbox)
      try server.count(becomes: 50)
      server.program.signal(SIGTERM)
      #expect(try program.exitCode(within: 20, "wsload ends") == 1)
      let words = try load(["compare", "\(folder)/good.json", "\(folder)/bad.json"], in: server, code: 1)
      #expect(
        words.contains("WORSE")
          && words.split(separator: "\n").contains { $0.contains("drops") && $0.hasSuffix("worse") })
    }

    @Test("Prometheus asks while the run goes on")
    func prometheus() throws {
      let server = try Server()
      let door = "\(server.sandbox.path)/metrics.sock"
      let program = try Program(
        Program.path("wsload"),
        [
          url(server), "--sockets", "20", "--send-rate", "20", "--duration", "6", "--quiet", "--prometheus",
          door,
        ],
        in: server.sandbox)
      func ask(_ path: String) throws -> Reply {
        let wire = try Wire(path: door)
        try wire.send(Array("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        return try Reply.read(from: wire, path)
      }
      try Deadline.until(10, "20 sockets in the figures") {
        guard let reply = try? ask("/metrics"), reply.status == 200 else { return false }
        return reply.body.contains("\nwsload_sockets_open 20\n")
          && !reply.body.contains("_received_total 0\n")
      }
      #expect(try ask("/elsewhere").status == 404)
      #expect(try program.exitCode(within: 20, "wsload ends") == 0)
      #expect(!FileManager.default.fileExists(atPath: door))
    }

    @Test("on a terminal there is a picture: any size, a pause, and q ends the run with a verdict")
    func picture() throws {
      let server = try Server()
      let script = "\(server.sandbox.path)/run.sh"
      let command = """
        \(try Program.path("wsload")) '\(url(server))' --sockets 30 --send-rate 10 --duration 60 \\
          --restart 'echo words of a command >&2' --at 2
        echo "ended with $?"
        stty -a
        """
      try command.write(toFile: script, atomically: true, encoding: .utf8)
      let window = try ConsoleWindow("sh \(script)", width: 80, height: 24, in: server.sandbox)
      try window.wait(for: "30 of 30 sockets open")
      try window.wait(for: "p99 latency")
      // It was said on standard error, and is a note in the picture.
      try window.wait(for: "done after")
      #expect(window.screen.split(separator: "\n").contains(" words of a command"))
      try window.resize(120, 40)
      try window.wait(for: "30 of 30 sockets open")
      try Deadline.until(5, "the picture is as wide as the window") {
        (window.screen.split(separator: "\n").first?.count ?? 0) > 100
      }
      try window.press("p")
      try window.wait(for: "paused")
      try window.press("p")
      try Deadline.until(5, "the picture goes on") { !window.screen.contains("paused") }
      try window.press("q")
      try window.wait(for: "PASS  7 assertions hold")
      try window.wait(for: "ended with 0")
      // The terminal is as it was: it echoes, and takes lines.
      try Deadline.until(5, "the terminal's settings") {
        window.screen.contains(" echo ") && window.screen.contains(" icanon ")
      }
    }
  }
}
