import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// wsload against a real server: its report, its verdict, its exit code.
  @Suite(.serialized) struct LoadTests {
    private struct Result {
      let code: Int32
      let output: String
      let report: [String: Any]

      func number(_ path: String...) -> Int? {
        var value: Any? = report
        for name in path { value = (value as? [String: Any])?[name] }
        return (value as? NSNumber)?.intValue
      }
    }

    private func load(_ arguments: [String], in sandbox: Sandbox, within seconds: Double = 60) throws
      -> Result
    {
      let file = "\(sandbox.path)/report-\(UInt32.random(in: 0 ... .max)).json"
      let program = try Program(
        Program.path("wsload"), arguments + ["--quiet", "--json", file], in: sandbox)
      let code = try program.exitCode(within: seconds, "wsload ends")
      let data = (try? Data(contentsOf: URL(fileURLWithPath: file))) ?? Data("{}".utf8)
      let report = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
      return Result(code: code, output: program.output, report: report)
    }

    @Test("every message comes back once, and every figure of the contract is there")
    func clean() throws {
      let server = try Server()
      let result = try load(
        [
          "ws://127.0.0.1:\(server.port)/ws?mode=echo&notify=0", "--sockets", "300", "--rate", "600",
          "--send-rate", "5",
          "--duration", "3",
        ], in: server.sandbox)
      #expect(result.code == 0, "\(result.output)")
      #expect(result.report["schema"] as? Int == 1)
      #expect(result.report["verdict"] as? String == "pass")
      #expect(result.number("sockets", "opened") == 300)
      #expect(result.number("sockets", "held_max") == 300)
      #expect(result.number("sockets", "open_at_end") == 300)
      let sent = try #require(result.number("messages", "sent"))
      #expect(sent > 3000)
      #expect(result.number("messages", "received") == sent)
      #expect(result.number("latency_us", "intended", "count") == sent)
      #expect(result.number("drops", "total") == 0)
      for key in [
        "url", "started", "seconds", "plan", "sockets", "messages", "latency_us", "connect_us", "drops",
        "reconnects",
        "restarts", "generator", "assertions",
      ] {
        #expect(result.report[key] != nil, "\(key)")
      }
    }

    @Test("several generator processes report as one, on time")
    func crew() throws {
      let server = try Server()
      let start = Deadline.now
      let result = try load(
        [
          "ws://127.0.0.1:\(server.port)/ws?mode=echo&notify=0", "--sockets", "200", "--processes", "3",
          "--duration", "2",
          "--send-rate", "10",
        ], in: server.sandbox)
      #expect(result.code == 0, "\(result.output)")
      #expect(result.number("sockets", "opened") == 200)
      #expect(result.number("generator", "processes") == 3)
      #expect(result.number("messages", "sent") == result.number("messages", "received"))
      #expect(Deadline.isWithin(8, since: start))
    }

    @Test("a drain under load: the ledger, the drops and the verdict agree to the socket")
    func drain() throws {
      let server = try Server(["--drain-preset", "swift"])
      let file = "\(server.sandbox.path)/drain.json"
      let program = try Program(
        Program.path("wsload"),
        [
          "ws://127.0.0.1:\(server.port)/ws?mode=echo&notify=0", "--sockets", "500", "--duration", "16",
          "--reconnect", "none",
          "--json", file, "--quiet",
        ], in: server.sandbox)
      try Deadline.until(10, "500 sockets are open") {
        try server.http("GET", "/").body.hasSuffix("\"global_active_connections\": 500}")
      }
      server.program.signal(SIGTERM)
      #expect(try server.program.exitCode(within: 20, "the drain ends") == 0)
      #expect(try program.exitCode(within: 30, "wsload ends") == 1)
      let ledger = try server.program.line(with: "drain ledger: start=500 ", within: 1)
      #expect(ledger.contains(" handed=0 moved=0 left=0 paced=") && ledger.hasSuffix(" lost=0"))
      let parts = ledger.split(separator: " ").filter { $0.hasPrefix("paced=") || $0.hasPrefix("forced=") }
      let counts = parts.compactMap { $0.split(separator: "=").last.flatMap { Int($0) } }
      // On a slow machine some answer too late, and are forced.
      #expect(counts.count == 2 && counts[0] > 0 && counts.reduce(0, +) == 500, "\(ledger)")
      let data = try Data(contentsOf: URL(fileURLWithPath: file))
      let report = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
      let drops = try #require(report["drops"] as? [String: Any])
      #expect(drops["total"] as? Int == 500)
      #expect((drops["by_cause"] as? [String: Int]) == ["close:1012": 500])
      #expect(report["verdict"] as? String == "fail")
      #expect((report["sockets"] as? [String: Any])?["open_at_end"] as? Int == 0)
    }

    @Test("a slot that dies whole: its sockets come back, and the report says how")
    func reconnects() throws {
      let server = try Server()
      let file = "\(server.sandbox.path)/kill.json"
      let program = try Program(
        Program.path("wsload"),
        [
          "ws://127.0.0.1:\(server.port)/ws?mode=echo&notify=0", "--sockets", "200", "--duration", "8",
          "--json", file,
          "--quiet", "--assert", "open_at_end==wanted && reconnects>0 && duplicated==0",
        ], in: server.sandbox)
      try Deadline.until(10, "200 sockets are open") {
        try server.http("GET", "/").body.hasSuffix("\"global_active_connections\": 200}")
      }
      for pid in server.processes(ofSlot: 0).reversed() { kill(pid, SIGKILL) }
      #expect(try program.exitCode(within: 30, "wsload ends") == 0, "\(program.output)")
      let data = try Data(contentsOf: URL(fileURLWithPath: file))
      let report = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
      let dropped = (report["drops"] as? [String: Any])?["total"] as? Int
      #expect((report["reconnects"] as? [String: Any])?["total"] as? Int == dropped)
    }

    @Test("nobody there is exit code 3, a slip is 2, a missed assertion is 1; one line each")
    func exitCodes() throws {
      let sandbox = try Sandbox()
      let nobody = try load(["ws://127.0.0.1:1/", "--sockets", "2", "--duration", "500ms"], in: sandbox)
      #expect(nobody.code == 3)
      #expect(nobody.output.contains("wsload: not one socket could be opened on ws://127.0.0.1:1/: refused"))
      let slip = try load(["--sokets", "2"], in: sandbox)
      #expect(slip.code == 2)
      #expect(
        slip.output == "wsload: there is no option '--sokets', did you mean --sockets?: see wsload --help\n")
      let odd = try load(["ws://127.0.0.1:1/a\r\nb"], in: sandbox)
      #expect(odd.code == 2 && odd.output.hasSuffix("\n") && odd.output.count(where: \.isNewline) == 1)
      let wrong = try load(["--assert", "p98<1ms"], in: sandbox)
      #expect(wrong.code == 2)
      let server = try Server(workers: 1)
      let strict = try load(
        [
          "ws://127.0.0.1:\(server.port)/ws?mode=echo&notify=0", "--sockets", "5", "--duration", "1",
          "--assert", "p50<1us",
        ],
        in: sandbox)
      #expect(strict.code == 1)
    }
  }
}
