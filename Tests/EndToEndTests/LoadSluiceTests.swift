import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// `wsload --mode sluice` as the judge of what `sluice.v1` promises: each word once and in order, or a word that it
  /// is gone.
  @Suite(.serialized) struct LoadSluiceTests {
    private func load(_ arguments: [String], _ servers: [Server]) throws -> Program {
      let server = servers[0]
      return try Program(
        Program.path("wsload"),
        [
          "ws://127.0.0.1:\(server.port)/ws", "--mode", "sluice", "--quiet", "--json",
          "\(server.sandbox.path)/report.json",
        ] + servers.flatMap { ["--connect-to", "127.0.0.1:\($0.port)"] } + arguments, in: server.sandbox,
        environment: ["SLUICE_STATE": server.sandbox.path])
    }

    private struct Report {
      let text: String
      private let values: [String: Any]

      init(_ program: Program, _ server: Server) throws {
        text = program.output
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(server.sandbox.path)/report.json"))
        values = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
      }

      func number(_ part: String, _ name: String) -> Int {
        ((values[part] as? [String: Any])?[name] as? NSNumber)?.intValue ?? -1
      }
    }

    @Test(
      "a roll, an upgrade, a kill, a cut to Redis and a drain to another host: each word once, in order, at once"
    )
    func everything() throws {
      let redis = try OutsideRedis()
      let one = try Server(
        ["--redis", redis.url, "--host-id", "one", "--drain-preset", "swift"], workers: 2)
      let two = try Server(["--redis", redis.url, "--host-id", "two"], workers: 2)
      let run = try load(
        [
          "--sockets", "60", "--send-rate", "2", "--duration", "38",
          "--restart", "roll", "--at", "3", "--restart", "upgrade", "--at", "10",
          "--restart", "kill9", "--at", "20",
          "--restart", "redis-cli -s \(redis.socketPath) CLIENT KILL TYPE normal SKIPME yes", "--at", "23",
          "--restart", "kill -TERM \(one.program.pid)", "--at", "26", "--assert",
          "opened==wanted && open_at_end==wanted && failed==0 && drops==0 && lost==0 && duplicated==0 && reordered==0 "
            + "&& corrupt==0 && refused==0 && unreceipted==0 && unrecovered==0 && told_lost==0 && moved==30 "
            + "&& recovered==30 && unsent==0 && freeze_max<500ms",
        ], [one, two])
      let code = try run.exitCode(within: 90, "wsload ends")
      #expect(code == 0, "\(run.output)\n\(one.program.output.suffix(2000))")
      let report = try Report(run, one)
      #expect(report.number("sluice", "acked") == report.number("messages", "sent"))
      #expect(report.number("messages", "received") == report.number("messages", "sent"))
      #expect(report.number("messages", "sent") > 60 * 2 * 33)
      #expect(
        one.program.output.contains("drain ledger: start=30 handed=0 moved=30 left=0 paced=0 forced=0 lost=0")
      )
    }

    @Test("whoever is dropped comes back to what it has missed; only what had no receipt may be missing")
    func dropped() throws {
      let server = try Server(workers: 2)
      try server.guarded()
      let slot = server.processes(ofSlot: 0).map(String.init).joined(separator: " ")
      let run = try load(
        [
          "--sockets", "40", "--send-rate", "20", "--duration", "9", "--reconnect", "700ms",
          "--restart", "kill -9 \(slot)", "--at", "3", "--assert",
          "drops>=1 && open_at_end==wanted && lost==0 && duplicated==0 && reordered==0 && corrupt==0 && "
            + "unrecovered==0 && recovered>=1 && told_lost==0 && reconnects==drops",
        ], [server])
      #expect(try run.exitCode(within: 60, "wsload ends") == 0, "\(run.output)")
      let report = try Report(run, server)
      #expect(report.number("sluice", "resumed") == report.number("drops", "total"))
      let missing = report.number("messages", "sent") - report.number("messages", "received")
      #expect(missing == report.number("sluice", "unreceipted"))
    }

    @Test("what the stream has forgotten meanwhile is told, and is not lost without a word")
    func trimmed() throws {
      let server = try Server(workers: 2)
      try server.guarded()
      let slot = server.processes(ofSlot: 0).map(String.init).joined(separator: " ")
      let trim = "redis-cli -s \(server.redisSocket) XTRIM \(RedisWire.key("bus:0")) MAXLEN 0"
      let run = try load(
        [
          "--sockets", "40", "--send-rate", "20", "--duration", "9", "--reconnect", "2s",
          "--restart", "kill -9 \(slot); sleep 1; \(trim)", "--at", "3", "--assert",
          "drops>=1 && open_at_end==wanted && lost==0 && duplicated==0 && reordered==0 && corrupt==0 && "
            + "unrecovered>=1 && told_lost>=1",
        ], [server])
      #expect(try run.exitCode(within: 60, "wsload ends") == 0, "\(run.output)")
      let report = try Report(run, server)
      let excused = ["unreceipted", "told_lost", "refused"].reduce(0) { $0 + report.number("sluice", $1) }
      #expect(report.number("messages", "sent") == report.number("messages", "received") + excused)
    }
  }
}
