import Glibc
import Testing

extension EndToEnd {
  /// How a server goes: by a signal, by a command, and back (CONTRACT 5).
  @Suite(.serialized) struct DrainTests {
    @Test("the whole way: not ready at once, the sentences, a paced end, and a ledger that adds up")
    func paced() throws {
      let server = try Server(["--graceful-shutdown-timeout", "8s"])
      let workers = server.workers
      try #require(workers.count == 2)
      let clients = try (0..<5).map { _ in try server.client("/ws?notify=0") }
      server.program.signal(SIGTERM)
      for pid in workers {
        try server.program.line(
          with: "[worker=\(pid)] Shutdown initiated → waiting for global disconnect (timeout=8s)")
      }
      let ready = try server.http("GET", "/readyz")
      #expect(ready.status == 503)
      #expect(ready.body.contains(#""status": "not_ready""#))
      #expect(ready.body.hasSuffix(#""ready": false, "shutting_down": true}"#))
      #expect(try server.http("GET", "/healthz").status == 200)
      let refusal = #expect(throws: WebClient.Refused.self) { try server.client("/ws") }
      #expect(refusal?.reply.status == 503)
      #expect(refusal?.reply.fields["retry-after"] != nil)
      // Who stays keeps talking meanwhile.
      try clients[0].send("still here")
      #expect(try clients[0].text() == "echo: still here")
      for client in clients.dropFirst() { #expect(try client.text() == "still here") }
      for client in clients {
        #expect(try client.next(within: 12, "the paced close") == .close(1012))
        try client.close(1012)
      }
      #expect(try server.program.exitCode(within: 5, "the end") == 0)
      let output = server.program.output
      for pid in workers {
        #expect(output.contains("[worker=\(pid)] Shutdown progress | global=5 | remaining=2s\n"))
        #expect(output.contains("[worker=\(pid)] All global WS connections closed → shutdown complete.\n"))
      }
      #expect(output.contains("drain ledger: start=5 handed=0 moved=0 left=0 paced=5 forced=0 lost=0\n"))
      #expect(!output.contains("FORCE"))
    }

    @Test("it ends the moment the last one has left")
    func left() throws {
      let server = try Server()
      let clients = try (0..<6).map { _ in try server.client("/ws?notify=0") }
      server.program.signal(SIGINT)
      for pid in server.workers { try server.program.line(with: "[worker=\(pid)] Shutdown initiated") }
      for client in clients { try client.close() }
      let start = Deadline.now
      #expect(try server.program.exitCode(within: 5, "nobody is left") == 0)
      #expect(Deadline.isWithin(3, since: start))
      #expect(
        server.program.output.contains(
          "drain ledger: start=6 handed=0 moved=0 left=6 paced=0 forced=0 lost=0\n"))
    }

    @Test("nobody there: gone at once")
    func empty() throws {
      let server = try Server()
      server.program.signal(SIGTERM)
      #expect(try server.program.exitCode(within: 3, "nobody was there") == 0)
      #expect(server.program.output.contains("drain ledger: start=0 "))
    }

    @Test("a second signal does not wait for anybody")
    func secondSignal() throws {
      let server = try Server(["--drain-preset", "patient"])
      let clients = try (0..<4).map { _ in try server.client("/ws?notify=0") }
      server.program.signal(SIGTERM)
      try server.program.line(with: "Shutdown initiated")
      try clients[0].close()
      #expect(try clients[0].next() == .close(1000))
      try server.count(becomes: 3)
      server.program.signal(SIGTERM)
      try server.program.line(with: "FORCE shutdown → still 3 clients connected globally")
      for client in clients.dropFirst() { #expect(try client.next() == .close(1012)) }
      #expect(try server.program.exitCode(within: 5, "forced") == 0)
      #expect(
        server.program.output.contains(
          "drain ledger: start=4 handed=0 moved=0 left=1 paced=0 forced=3 lost=0\n"))
    }

    @Test("who does not answer the close is forced when the time is over")
    func forced() throws {
      let server = try Server(["--drain-preset", "now"])
      let clients = try (0..<3).map { _ in try server.client("/ws?notify=0") }
      server.program.signal(SIGTERM)
      try server.program.line(with: "FORCE shutdown → still 3 clients connected globally")
      #expect(try server.program.exitCode(within: 5, "forced") == 0)
      #expect(
        server.program.output.contains(
          "drain ledger: start=3 handed=0 moved=0 left=0 paced=0 forced=3 lost=0\n"))
      for client in clients { #expect(try client.next() == .close(1012)) }
    }

    @Test("an operator drains and takes it back: every socket is kept, new ones may come")
    func undrain() throws {
      let server = try Server()
      let operatorsLine = try server.askRedis()
      let clients = try (0..<4).map { _ in try server.client("/ws?notify=0") }
      #expect(try operatorsLine.command("d1", "drain", "preset", "patient")["answer"] == "done")
      try Deadline.until(2, "not ready") { try server.http("GET", "/readyz").status == 503 }
      try Deadline.until(3, "the host says it drains") {
        let host = try operatorsLine.ask("SMEMBERS", RedisWire.key("hosts")).list.first?.text ?? ""
        return try operatorsLine.ask("HGET", RedisWire.key("host:\(host)"), "state") == .text("draining")
      }
      try Deadline.until(2, "the time it takes is told") {
        let metrics = try server.http("GET", "/metrics").body
        return metrics.contains("\nwebsocket_shutdown_time_seconds ")
          && !metrics.contains("\nwebsocket_shutdown_time_seconds 0.000000\n")
      }
      #expect(try operatorsLine.command("u1", "undrain")["answer"] == "done")
      try Deadline.until(2, "ready on every worker") {
        try (0..<8).allSatisfy { _ in try server.http("GET", "/readyz").status == 200 }
      }
      let late = try server.client("/ws?notify=0")
      try late.send("are you all there?")
      for client in clients { #expect(try client.text() == "are you all there?") }
      // The next drain counts anew.
      server.program.signal(SIGTERM)
      try server.program.line(with: "Shutdown initiated → waiting for global disconnect (timeout=30s)")
      for client in clients + [late] { try client.close() }
      #expect(try server.program.exitCode(within: 5, "all left") == 0)
      #expect(server.program.output.contains("drain ledger: start=5 handed=0 moved=0 left=5 "))
    }

    @Test("a worker that dies in a drain: its standby goes on with it, the sum holds")
    func inherited() throws {
      let server = try Server(["--drain-preset", "patient"])
      try server.guarded()
      let clients = try (0..<12).map { _ in try server.client("/ws?mode=echo&notify=0") }
      server.program.signal(SIGTERM)
      for pid in server.workers { try server.program.line(with: "[worker=\(pid)] Shutdown initiated") }
      let heir = server.standbys[0]
      kill(server.workers[0], SIGKILL)
      try server.program.line(with: "[worker=\(heir)] Shutdown initiated")
      for client in clients {
        try client.send("x")
        #expect(try client.text() == "echo: x")
        try client.close()
      }
      #expect(try server.program.exitCode(within: 6, "all left") == 0)
      #expect(
        server.program.output.contains(
          "drain ledger: start=12 handed=0 moved=0 left=12 paced=0 forced=0 lost=0\n"))
    }

    @Test("a slot that dies in a drain: its sockets are lost, the others' fate is told, the sum holds")
    func lost() throws {
      let server = try Server(["--drain-preset", "patient"])
      try server.guarded()
      let workers = server.workers
      let clients = try (0..<12).map { _ in try server.client("/ws?mode=echo&notify=0") }
      server.program.signal(SIGTERM)
      for pid in workers { try server.program.line(with: "[worker=\(pid)] Shutdown initiated") }
      for pid in server.processes(ofSlot: 0).reversed() { kill(pid, SIGKILL) }
      try server.program.line(with: "the next one starts in")
      let kept = clients.filter { client in
        guard (try? client.send("x")) != nil else { return false }
        return (try? client.text()) == "echo: x"
      }
      try #require((1...11).contains(kept.count))
      // The next one drains, too.
      try Deadline.until(5, "a new worker") { server.workers.count == 2 && server.workers != workers }
      for pid in server.workers { try server.program.line(with: "[worker=\(pid)] Shutdown initiated") }
      for _ in 0..<6 { #expect(try server.http("GET", "/readyz").status == 503) }
      for client in kept { try client.close() }
      #expect(try server.program.exitCode(within: 6, "all left") == 0)
      let lost = clients.count - kept.count
      #expect(
        server.program.output.contains(
          "drain ledger: start=12 handed=0 moved=0 left=\(kept.count) paced=0 forced=0 lost=\(lost)\n"))
    }

    @Test("without Redis it goes as well")
    func withoutRedis() throws {
      let redis = try OutsideRedis()
      let server = try Server(["--redis", redis.url])
      let client = try server.client("/ws?notify=0")
      try redis.kill()
      server.program.signal(SIGTERM)
      try server.program.line(with: "Shutdown initiated")
      try client.close()
      #expect(try server.program.exitCode(within: 5, "nobody is left") == 0)
      #expect(server.program.output.contains("drain ledger: start=1 handed=0 moved=0 left=1 "))
    }

    @Test("what cannot be done is refused with the reason, and changes nothing")
    func refusals() throws {
      let server = try Server(workers: 1)
      let operatorsLine = try server.askRedis()
      for (id, verb, more, reason) in [
        ("r1", "undrain", [String](), "there is no drain to take back"),
        ("r2", "drain", ["deadline", "1000"], "its deadline had passed when it was read"),
        ("r3", "kill", [], "kill is not something this build can do"),
        ("r4", "explode", [], "this build does not understand it"),
        ("r5", "drain", ["preset", "leisurely"], "this build does not understand it"),
      ] {
        _ = try operatorsLine.ask(
          ["XADD", RedisWire.key("control"), "*", "id", id, "verb", verb, "target", "*"] + more)
        try Deadline.until(5, "an answer to \(verb)") {
          try operatorsLine.events().contains {
            $0["command"] == id && $0["answer"] == "refused" && $0["reason"] == reason
          }
        }
      }
      #expect(try server.http("GET", "/readyz").status == 200)
    }
  }
}
