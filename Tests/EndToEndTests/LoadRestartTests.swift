import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// wsload as the judge: what it says of a stall, a kill and torn frames is what was done to the server.
  @Suite(.serialized) struct LoadRestartTests {
    private struct Run {
      let code: Int32
      let output: String
      let report: [String: Any]

      func value(_ path: String...) -> Any? {
        path.reduce(report as Any?) { ($0 as? [String: Any])?[$1] }
      }

      func number(_ path: String...) -> Double {
        let value = path.reduce(report as Any?) { ($0 as? [String: Any])?[$1] }
        return (value as? NSNumber)?.doubleValue ?? -1
      }

      var restarts: [[String: Any]] { report["restarts"] as? [[String: Any]] ?? [] }
      var reasons: [String] { report["reasons"] as? [String] ?? [] }
      var outcomes: [Bool?] { (report["assertions"] as? [[String: Any]] ?? []).map { $0["ok"] as? Bool } }
    }

    private func start(_ arguments: [String], on server: Server) throws -> (program: Program, file: String) {
      let file = "\(server.sandbox.path)/report.json"
      let url = "ws://127.0.0.1:\(server.port)/ws?mode=echo&notify=0"
      let program = try Program(
        Program.path("wsload"), [url, "--json", file] + arguments, in: server.sandbox,
        environment: ["SLUICE_STATE": server.sandbox.path])
      return (program, file)
    }

    private func end(_ program: Program, _ file: String) throws -> Run {
      let code = try program.exitCode(within: 60, "wsload ends")
      let data = try Data(contentsOf: URL(fileURLWithPath: file))
      let report = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
      return Run(code: code, output: program.output, report: report)
    }

    private func load(_ arguments: [String], on server: Server) throws -> Run {
      let (program, file) = try start(arguments, on: server)
      return try end(program, file)
    }

    @Test("a stall of 300 ms is measured as one, around the restart and not before, by the sockets it met")
    func stall() throws {
      let server = try Server()
      let pids = server.workers.map(String.init).joined(separator: " ")
      let run = try load(
        [
          "--sockets", "400", "--duration", "8", "--restart",
          "kill -STOP \(pids); sleep 0.3; kill -CONT \(pids)",
          "--at", "3", "--assert",
          "drops==0 && lost==0 && p999_during<=p999_steady+100ms && freeze_max>=250ms && p99_steady<100ms",
        ], on: server)
      #expect(run.code == 1, "\(run.output)")
      #expect(run.outcomes == [true, true, false, true, true])
      #expect(run.reasons.count == 1)
      #expect(run.reasons.first?.hasPrefix("p999_during<=p999_steady+100ms: it was ") == true)
      #expect(run.output.contains("  ✗ p999_during<=p999_steady+100ms: it was "))
      #expect(run.output.contains("  ✓ drops==0: 0\n"))
      #expect(run.restarts.count == 1 && run.restarts.first?["exit"] as? Int == 0)
      // Each speaks once a second, so some three in ten spoke into it; a few more on a machine that is busy.
      #expect((80..<400).contains(run.number("freeze_us", "sockets_over_10ms")))
      #expect((3...3.4).contains(run.number("freeze_us", "max_at")))
      #expect(run.number("freeze_us", "asked_every") == 1_000_000)
      #expect(run.number("latency_us", "during", "max") >= 250_000)
    }

    @Test("kill9 ends one worker of this server, and its sockets do not notice")
    func kill9() throws {
      let server = try Server()
      try server.guarded()
      let before = Set(server.workers)
      let run = try load(
        [
          "--sockets", "100", "--duration", "8", "--restart", "kill9", "--at", "3", "--assert",
          "open_at_end==wanted && duplicated==0 && corrupt==0 && p99_during<1s",
        ], on: server)
      #expect(run.code == 0, "\(run.output)")
      let killed = try #require(run.restarts.first?["pid"] as? Int)
      #expect(before.contains(pid_t(killed)))
      #expect(!server.workers.contains(pid_t(killed)))
      #expect(run.number("drops", "total") == 0)
      #expect(run.number("messages", "received") == run.number("messages", "sent"))
    }

    @Test("what was due while nobody was open is past, and is not sent late once somebody is")
    func slowHandshake() throws {
      let server = try Server(workers: 1)
      let worker = try #require(server.workers.first)
      kill(worker, SIGSTOP)
      let (program, file) = try start(
        ["--sockets", "1", "--send-rate", "50", "--duration", "3", "--quiet", "--assert", "lost==0"],
        on: server)
      let answer = Deadline.look(seconds: 0.8, "the handshake is answered late")
      try Deadline.until(2, answer.reason) { answer.isOver }
      kill(worker, SIGCONT)
      let run = try end(program, file)
      #expect(run.code == 0, "\(run.output)")
      #expect(run.number("connect_us", "max") >= 300_000)
      #expect((50...145).contains(run.number("messages", "sent")))
      #expect(run.number("latency_us", "intended", "max") < 300_000)
    }

    @Test("who was away was silent, and what was due meanwhile is late from when it was due")
    func away() throws {
      let server = try Server(workers: 1)
      try server.guarded(slots: 1)
      // Worker and standby together, for one alone nobody would notice.
      let slot = server.processes(ofSlot: 0).map(String.init).joined(separator: " ")
      let run = try load(
        [
          "--sockets", "1", "--send-rate", "20", "--reconnect", "1500ms", "--duration", "6", "--quiet",
          "--restart", "kill -9 \(slot)", "--at", "2", "--assert",
          "reconnects==1 && p99>1s && p50<100ms && overdue>=20 && unsent==0 && recovery_max>=1400ms",
        ], on: server)
      #expect(run.code == 0, "\(run.output)")
      #expect(run.number("messages", "sent") + run.number("messages", "unsent") <= 121)
      #expect(run.number("freeze_us", "max") >= 1_450_000)
      #expect(run.number("blackout_us", "max") >= 1_400_000)
      #expect(run.restarts.first?["latency_back_after"] as? Double ?? 0 >= 1.4)
    }

    @Test("frames in two parts come back whole, with pings and other frames about")
    func torn() throws {
      let server = try Server(["--heartbeat-interval", "1"])
      let run = try load(
        [
          "--sockets", "60", "--duration", "5", "--send-rate", "10", "--size", "300", "--cut", "100",
          "--quiet",
        ], on: server)
      #expect(run.code == 0, "\(run.output)")
      #expect(run.number("plan", "cut") == 100)
      #expect(run.number("messages", "cut") >= run.number("messages", "sent") * 0.95)
      #expect(run.number("messages", "received") == run.number("messages", "sent"))
      #expect(run.number("drops", "total") == 0)
      // The pause between the parts is the client's own, and is not blamed on the server.
      #expect(run.number("latency_us", "intended", "p50") < 8000)
    }

    @Test("a restart that goes wrong, or does not end, fails the run and says so")
    func wrong() throws {
      let server = try Server(workers: 1)
      let run = try load(
        [
          "--sockets", "5", "--duration", "2", "--assert", "drops==0", "--restart", "exit 7", "--at", "500ms",
          "--restart", "sleep 1000", "--at", "1",
        ], on: server)
      #expect(run.code == 1)
      #expect(run.outcomes == [true])
      #expect(
        run.reasons == [
          "'exit 7' ended with exit code 7",
          "'sleep 1000' was not over when the run was: give it more --duration",
        ])
    }

    @Test("a generator that dies fails the run, though every assertion holds")
    func deadGenerator() throws {
      let server = try Server()
      let (program, file) = try start(
        ["--sockets", "90", "--processes", "3", "--duration", "4", "--assert", "drops==0", "--quiet"],
        on: server)
      try server.count(becomes: 90)
      let list = try String(
        contentsOfFile: "/proc/\(program.pid)/task/\(program.pid)/children", encoding: .utf8)
      let generators = list.split(separator: " ").compactMap { pid_t($0) }
      try #require(generators.count == 3)
      kill(generators[1], SIGKILL)
      let run = try end(program, file)
      #expect(run.code == 1)
      #expect(run.value("verdict") as? String == "fail")
      #expect(run.outcomes == [true])
      let failure =
        "generator process \(generators[1]) ended without a report (signal 9): sockets 30 to 59 are in no figure"
      #expect(run.reasons.count == 1 && run.reasons[0].hasPrefix(failure), "\(run.reasons)")
      #expect(run.output.contains("wsload: \(run.reasons[0])\n"))
      #expect(run.number("sockets", "opened") == 60 && run.number("sockets", "wanted") == 90)
    }
  }
}
