import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// wsconsole's side of a roll, word by word: the host is played by the test, in a real Redis.
  @Suite(.serialized) struct ConsoleRollTests {
    /// A host of two workers that says what the test tells it to.
    private final class Host {
      let redis: OutsideRedis
      private let wire: RedisWire
      private var seen = 0

      init() throws {
        redis = try OutsideRedis()
        wire = try RedisWire(path: redis.socketPath)
        try wire.ask("SADD", RedisWire.key("hosts"), "web-9")
        try wire.ask("HSET", RedisWire.key("host:web-9"), "id", "web-9", "workers", "2", "state", "serving")
        for slot in ["0", "1"] {
          try wire.ask(
            "HSET", RedisWire.key("worker:web-9:\(slot)"), "host", "web-9", "slot", slot, "state", "serving",
            "sockets_ws", "50")
        }
      }

      func console(_ arguments: String...) throws -> Program {
        try Program(Program.path("wsconsole"), arguments + ["--redis", redis.url], in: redis.sandbox)
      }

      func window() throws -> ConsoleWindow {
        let console = "\(try Program.path("wsconsole")) --redis \(redis.url)"
        return try ConsoleWindow(console, width: 90, height: 24, in: redis.sandbox)
      }

      /// The next command an operator gives.
      func command() throws -> [String: String] {
        var command: [String: String] = [:]
        try Deadline.until(10, "a command") {
          let entries = try wire.ask("XRANGE", RedisWire.key("control"), "-", "+").list
          guard entries.count > seen else { return false }
          command = entries[seen].list.last?.pairs ?? [:]
          seen += 1
          return true
        }
        return command
      }

      func tell(_ fields: String...) throws {
        _ = try wire.ask(["XADD", RedisWire.key("events"), "*", "host", "web-9"] + fields)
      }

      func answer(_ command: [String: String], _ more: String...) throws {
        let answer = more.isEmpty ? ["answer", "done"] : more
        _ = try wire.ask(
          ["XADD", RedisWire.key("events"), "*", "host", "web-9", "kind", "command"]
            + ["command", command["id"] ?? ""] + answer)
      }

      func step(_ progress: String) throws { try tell("kind", "handover", "is_roll", progress) }

      /// What its record says of a roll.
      func say(_ progress: String) throws {
        try wire.ask("HSET", RedisWire.key("host:web-9"), "roll", progress)
      }

      func leave() throws { try wire.ask("DEL", RedisWire.key("host:web-9")) }
    }

    private let counts = "sockets=100 handed=50 freeze=8311 spent=1400 latest=50 froze=8311"

    @Test("roll --wait: a line for each step, the end of the roll before is not taken for this one's, exit 0")
    func roll() throws {
      let host = try Host()
      try host.step("kind=roll phase=stopped way=forward slot=0 done=0 of=2 \(counts) reason=of yesterday")
      let console = try host.console("roll", "--wait")
      let command = try host.command()
      #expect(command["verb"] == "roll" && command["target"] == "*")
      // As a supervisor may: the first step is told before the answer.
      try host.step("kind=roll phase=preparing way=forward slot=0 done=0 of=2 \(counts)")
      try host.answer(command)
      try host.step("kind=roll phase=proving way=forward slot=0 done=0 of=2 \(counts)")
      try host.step("kind=roll phase=done way=forward done=2 of=2 \(counts)")
      #expect(try console.exitCode(within: 10, "the roll is over") == 0)
      #expect(
        console.output == """
          web-9: worker 0: a successor gets ready (0 of 2 replaced)
          web-9: worker 0: 50 sockets handed over in 8.3 ms
          web-9: done: 2 workers replaced, 50 sockets handed over, longest freeze 8.3 ms, in 1.4 s

          """)
    }

    @Test("a roll that stops is exit 1, with its reason, and as JSON")
    func stopped() throws {
      let host = try Host()
      let console = try host.console("upgrade", "--wait", "--json", "--host", "web-9")
      let command = try host.command()
      #expect(command["verb"] == "upgrade" && command["target"] == "web-9")
      try host.answer(command)
      try host.step(
        "kind=upgrade phase=stopped way=forward slot=1 done=1 of=2 \(counts) reason=worker 1: exit 2")
      #expect(try console.exitCode(within: 10, "the upgrade is over") == 1)
      let json = try JSONSerialization.jsonObject(with: Data(console.output.utf8)) as? [String: [String: Any]]
      #expect(json?["web-9"]?["reason"] as? String == "worker 1: exit 2")
      #expect(json?["web-9"]?["longest_freeze_us"] as? Int == 8311)
    }

    @Test("a host that goes without a word, or does not answer at all, is exit 3")
    func gone() throws {
      let host = try Host()
      let console = try host.console("reload", "--wait")
      try host.answer(try host.command())
      try host.leave()
      #expect(try console.exitCode(within: 15, "the host is gone") == 3)
      #expect(console.output == "web-9: gone without a word\n")
      let other = try Host()
      let silent = try other.console("roll", "--worker", "1")
      #expect(try other.command()["target"] == "web-9/1")
      #expect(try silent.exitCode(within: 15, "nobody answers") == 3)
      #expect(silent.output == "web-9: no answer\n")
    }

    @Test("pause, proceed and take-back are words of the roll; a refusal is exit 1")
    func words() throws {
      let host = try Host()
      for (flag, verb) in [("--pause", "pause"), ("--proceed", "proceed"), ("--take-back", "takeback")] {
        let console = try host.console("roll", flag)
        let command = try host.command()
        #expect(command["verb"] == verb)
        try host.answer(command, "answer", "refused", "reason", "no roll is on")
        #expect(try console.exitCode(within: 10, flag) == 1)
        #expect(console.output == "web-9: refused, no roll is on\n")
      }
      let both = try host.console("roll", "--pause", "--proceed")
      #expect(try both.exitCode(within: 10, "two words") == 2)
    }

    @Test("audit --fix waits for its own report, prints the findings, and is exit 0 when nothing is left")
    func audit() throws {
      let host = try Host()
      let console = try host.console("audit", "--fix")
      let command = try host.command()
      #expect(command["verb"] == "audit" && command["arg_fix"] == "true")
      try host.answer(command)
      let report =
        #"{"checked":100,"findings":[{"slot":1,"what":"ghost","count":2,"fixed":2,"text":"listed, not there"}]}"#
      try host.tell("kind", "audited", "command", "another", "is_audit", #"{"checked":7}"#)
      try host.tell("kind", "audited", "command", command["id"] ?? "", "is_audit", report)
      #expect(try console.exitCode(within: 10, "the audit is over") == 0)
      #expect(
        console.output
          == "web-9: 100 sockets checked, 1 finding, 1 fixed\n  worker 1: ghost ×2, fixed: listed, not there\n"
      )
    }

    @Test("on the screen: the question, the way through the workers, a pause")
    func screen() throws {
      let host = try Host()
      let window = try host.window()
      try window.wait(for: "web-9")
      try window.press("r")
      try window.wait(for: "Roll 1 host?")
      try window.wait(for: "100 sockets on 2 workers are handed over, nobody is dropped.")
      try window.press("y")
      let roll = try host.command()
      #expect(roll["verb"] == "roll" && roll["target"] == "*")
      try host.say("kind=roll phase=proving way=forward slot=1 done=1 of=2 \(counts)")
      try host.answer(roll)
      try window.wait(for: "worker 1: proving itself")
      try window.wait(for: "handed over 50  longest freeze 8.3 ms")
      try window.press("p")
      #expect(try host.command()["verb"] == "pause")
      try host.say("kind=roll phase=paused way=forward slot=1 done=1 of=2 \(counts) reason=ada")
      try window.wait(for: "paused before worker 1 by ada")
      try window.press("p")
      #expect(try host.command()["verb"] == "proceed")
      try host.say("kind=roll phase=done way=forward done=2 of=2 \(counts)")
      try window.wait(for: "web-9  last roll done: 2 workers replaced")
      try window.press("2")
      try window.wait(for: "web-9/1")
      try window.press("Down")
      try window.press("r")
      try window.wait(for: "Roll worker web-9/1?")
      try window.press("y")
      #expect(try host.command()["target"] == "web-9/1")
    }

    @Test("on the screen: what an audit finds, and the word to put it right")
    func screenAudit() throws {
      let host = try Host()
      let window = try host.window()
      try window.wait(for: "web-9")
      try window.press("a")
      let audit = try host.command()
      #expect(audit["verb"] == "audit" && audit["arg_fix"] == nil)
      try host.answer(audit)
      let report =
        #"{"checked":100,"findings":[{"slot":1,"what":"ghost","count":2,"text":"listed, not there"}]}"#
      try host.tell("kind", "audited", "command", audit["id"] ?? "", "is_audit", report)
      try window.wait(for: "worker 1: ghost ×2, not fixed: listed, not there")
      try window.press("f")
      let fix = try host.command()
      #expect(fix["arg_fix"] == "true")
      try host.answer(fix)
      try host.tell("kind", "audited", "command", fix["id"] ?? "", "is_audit", #"{"checked":100}"#)
      try window.wait(for: "audit: web-9: 100 sockets checked, nothing found")
    }

    @Test("who stops waiting is not told that all went well")
    func interrupted() throws {
      let host = try Host()
      let console = try host.console("roll", "--wait")
      try host.answer(try host.command())
      try host.step("kind=roll phase=preparing way=forward slot=0 done=0 of=2 \(counts)")
      try console.line(with: "worker 0: a successor gets ready")
      console.signal(SIGINT)
      #expect(try console.exitCode(within: 5, "it stops waiting") == 1)
    }
  }
}
