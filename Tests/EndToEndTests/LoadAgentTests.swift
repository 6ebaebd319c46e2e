import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// One run over several agents, each a process of its own, which meet in a real Redis.
  @Suite(.serialized) struct LoadAgentTests {
    private func agents(_ names: [String], _ redis: OutsideRedis) throws -> [Program] {
      let agents = try names.map { name in
        try Program(
          Program.path("wsload"), ["agent", "--redis", redis.url, "--name", name], in: redis.sandbox)
      }
      for agent in agents { try agent.line(with: "waits for runs") }
      return agents
    }

    private func load(_ arguments: [String], _ server: Server, _ redis: OutsideRedis) throws -> Program {
      try Program(
        Program.path("wsload"),
        [
          "ws://127.0.0.1:\(server.port)/ws?mode=echo&notify=0", "--redis", redis.url, "--quiet", "--json",
          "\(redis.sandbox.path)/report.json",
        ] + arguments, in: redis.sandbox)
    }

    private func report(_ redis: OutsideRedis) throws -> [String: Any] {
      let data = try Data(contentsOf: URL(fileURLWithPath: "\(redis.sandbox.path)/report.json"))
      return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    }

    private func value(_ report: [String: Any], _ path: String...) -> Any? {
      path.reduce(report as Any?) { ($0 as? [String: Any])?[$1] }
    }

    private func number(_ report: [String: Any], _ path: String...) -> Int {
      let value = path.reduce(report as Any?) { ($0 as? [String: Any])?[$1] }
      return (value as? NSNumber)?.intValue ?? -1
    }

    @Test(
      "three agents hold the sockets of one plan between them: their sum is the plan, and the next run too")
    func sum() throws {
      let (server, redis) = (try Server(), try OutsideRedis())
      let agents = try agents(["a", "b", "c"], redis)
      for turn in 1...2 {
        // All are open after 0.1 s; each is to speak at its own place in each tenth of a second.
        let run = try load(
          [
            "--agents", "3", "--sockets", "100", "--rate", "1000", "--send-rate", "10", "--duration", "3",
            "--seed", "\(turn)", "--restart", "true", "--at", "1",
          ], server, redis)
        #expect(try run.exitCode(within: 40, "wsload ends") == 0, "\(run.output)")
        let report = try report(redis)
        #expect(number(report, "sockets", "opened") == 100 && number(report, "sockets", "open_at_end") == 100)
        let sent = number(report, "messages", "sent")
        // 30 each, but for what fell due before a socket was open.
        #expect((2890...3000).contains(sent) && number(report, "messages", "received") == sent)
        #expect(number(report, "latency_us", "intended", "count") == sent)
        let steps = value(report, "series", "received") as? [Int] ?? []
        #expect(steps.reduce(0, +) == sent)
        #expect(number(report, "generator", "processes") == 3)
        let machines = value(report, "generator", "agents") as? [[String: Any]] ?? []
        #expect(machines.compactMap { $0["name"] as? String } == ["a", "b", "c"])
        #expect(machines.compactMap { $0["sockets"] as? Int } == [33, 33, 34])
        for agent in agents {
          try Deadline.until(5, "the agent waits again") {
            agent.output.split(separator: "\n").filter { $0.hasSuffix("is over") }.count == turn
          }
        }
      }
      // Nothing of the runs stays behind.
      let left = try RedisWire(path: redis.socketPath).ask("KEYS", RedisWire.key("load:*")).list.compactMap(
        \.text)
      #expect(left.filter { $0.contains("claim") || $0.contains("returns") }.isEmpty, "\(left)")
    }

    @Test("an agent that is killed fails the run by its name, and the others' figures stand")
    func death() throws {
      let (server, redis) = (try Server(), try OutsideRedis())
      let agents = try agents(["a", "b", "c"], redis)
      let run = try load(
        ["--agents", "3", "--sockets", "30", "--send-rate", "10", "--duration", "4"], server, redis)
      try agents[1].line(with: "10 sockets on")
      poll(nil, 0, 1500)
      agents[1].signal(SIGKILL)
      #expect(try run.exitCode(within: 40, "wsload ends") == 1)
      let report = try report(redis)
      let reasons = value(report, "reasons") as? [String] ?? []
      #expect(
        reasons.contains { $0.hasPrefix("agent b on ") && $0.contains("its lease has ended") }, "\(reasons)")
      #expect(number(report, "sockets", "wanted") == 30 && number(report, "sockets", "opened") == 20)
      #expect((750...800).contains(number(report, "messages", "received")))
      // Its generators went with it.
      try server.count(becomes: 0)
    }

    @Test("too few agents are told as such, and a run whose starter dies lets them go")
    func few() throws {
      let (server, redis) = (try Server(), try OutsideRedis())
      let agents = try agents(["a", "b"], redis)
      let greedy = try load(["--agents", "3", "--duration", "1"], server, redis)
      #expect(try greedy.exitCode(within: 30, "wsload gives up") == 3)
      #expect(greedy.output.contains("2 of 3 agents wait here"))
      let run = try load(["--agents", "2", "--sockets", "20", "--duration", "60"], server, redis)
      try server.count(becomes: 20, within: 10)
      run.signal(SIGKILL)
      for agent in agents { try agent.line(with: "is not held by anybody") }
      try server.count(becomes: 0)
    }

    @Test("a generator of an agent that is killed is named, and its sockets end with it")
    func generator() throws {
      let (server, redis) = (try Server(), try OutsideRedis())
      let agents = try agents(["a", "b"], redis)
      let run = try load(
        ["--agents", "2", "--processes", "2", "--sockets", "40", "--duration", "4"], server, redis)
      try server.count(becomes: 40, within: 10)
      let children = "/proc/\(agents[1].pid)/task/\(agents[1].pid)/children"
      let list = try String(contentsOfFile: children, encoding: .utf8)
      let victim = try #require(list.split(separator: " ").first.flatMap { pid_t($0) })
      kill(victim, SIGKILL)
      #expect(try run.exitCode(within: 30, "wsload ends") == 1)
      let report = try report(redis)
      let failures = value(report, "generator", "failures") as? [String] ?? []
      #expect(failures.count == 1, "\(failures)")
      #expect(
        failures.allSatisfy {
          $0.hasPrefix("agent b on ") && $0.contains("generator process \(victim) ended without a report")
        }, "\(failures)")
      #expect(number(report, "sockets", "opened") == 30)
      #expect((value(report, "series", "open") as? [Int])?.last == 30)
    }

    @Test("a run that is asked to end while it looks for agents ends, and an agent says that Redis is away")
    func alone() throws {
      let (server, redis) = (try Server(workers: 1), try OutsideRedis())
      let run = try load(["--agents", "2", "--duration", "60"], server, redis)
      try Deadline.until(10, "it listens for signals") {
        let status = (try? String(contentsOfFile: "/proc/\(run.pid)/status", encoding: .utf8)) ?? ""
        let blocked = status.split(separator: "\n").first { $0.hasPrefix("SigBlk:") }?.split(separator: "\t")
          .last
        return (blocked.flatMap { UInt64($0, radix: 16) } ?? 0) & 1 << 14 != 0
      }
      run.signal(SIGTERM)
      #expect(try run.exitCode(within: 5, "wsload ends") == 3)
      #expect(run.output.hasSuffix("wsload: the run was ended before its agents were ready\n"))
      let agent = try Program(
        Program.path("wsload"), ["agent", "--redis", "unix:\(redis.sandbox.path)/nobody"], in: redis.sandbox)
      try agent.line(with: "nobody is down: the agent goes on asking")
    }
  }
}
