import Foundation
import Testing

extension EndToEnd {
  /// What `wsconsole` says to sockets and asks about them: `broadcast`, `kick`, `sockets`; and its `doctor`.
  @Suite(.serialized) struct ConsoleWordsTests {
    private func run(_ server: Server, _ arguments: String...) throws -> (code: Int32, output: String) {
      try run(server.sandbox, arguments + ["--state", server.sandbox.path])
    }

    private func run(_ sandbox: Sandbox, _ arguments: [String]) throws -> (code: Int32, output: String) {
      let program = try Program(Program.path("wsconsole"), arguments, in: sandbox)
      let code = try program.exitCode(within: 20, "wsconsole \(arguments) ends")
      return (code, program.output)
    }

    private func object(_ text: String) throws -> [String: Any] {
      try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test("a broadcast is heard in its halls by the sockets of every worker, and its id is printed")
    func broadcast() throws {
      let server = try Server()
      let plain = try (0..<6).map { _ in try server.client("/ws") }
      let chat = try server.client("/ws/chat/")
      let first = try run(server, "broadcast", "for chat", "--halls", "chat")
      #expect(first.code == 0 && first.output.contains(/^[0-9]+-[0-9]+\n$/), "\(first.output)")
      #expect(try chat.text().contains("for chat"))
      let second = try run(server, "broadcast", "for \"all\" ✓", "--json")
      #expect(second.code == 0)
      let answer = try object(second.output)
      #expect(answer["halls"] as? String == "all")
      // The first thing they hear: what was for chat was not for them.
      for client in plain { #expect(try client.text() == "for \"all\" ✓") }
      let id = try #require(answer["id"] as? String)
      let entries = try server.askRedis().ask("XRANGE", RedisWire.key("bus:0"), id, id)
      #expect(entries.list.count == 1)
    }

    @Test("events are told as they come, and workers each second, until somebody interrupts")
    func watching() throws {
      let server = try Server(workers: 1)
      try server.guarded(slots: 1)
      let place = ["--watch", "--state", server.sandbox.path]
      let tail = try Program(Program.path("wsconsole"), ["events", "--json"] + place, in: server.sandbox)
      let table = try Program(Program.path("wsconsole"), ["workers"] + place, in: server.sandbox)
      try tail.line(with: #""kind":"started""#)
      #expect(try run(server, "audit").code == 0)
      let line = try tail.line(with: #""kind":"audited""#)
      #expect(try object(line)["time"] as? Int64 != nil)
      try Deadline.until(10, "the workers three times") {
        table.output.split(separator: "\n").count { $0.hasPrefix("worker ") } >= 3
      }
      for program in [tail, table] {
        program.signal(SIGINT)
        #expect(try program.exitCode(within: 5, "the watching ends") == 0)
      }
    }

    @Test("a client is kicked on whichever host it is, keeps its groups and data, and may come again")
    func kick() throws {
      let redis = try OutsideRedis()
      let one = try Server(["--redis", redis.url, "--host-id", "one"], workers: 1)
      let two = try Server(["--redis", redis.url, "--host-id", "two"], workers: 1)
      let ada = try two.client("/ws/ada")
      let bob = try two.client("/ws/bob")
      #expect(try one.http("PUT", "/groups/g/members/ada").status == 200)
      #expect(try one.http("PUT", "/clients/ada/data/k", body: "7").status == 200)
      let kicked = try run(one, "kick", "ada")
      #expect(kicked.code == 0 && kicked.output == "ada: told to go, on two/0\n", "\(kicked.output)")
      #expect(try ada.ending() == "1000 disconnected")
      let record = try one.http("GET", "/clients/ada").body
      #expect(
        record.contains(#""connected": false"#) && record.hasSuffix(#""groups": ["g"], "data": {"k": 7}}"#),
        "\(record)")
      let again = try run(one, "kick", "ada")
      #expect(again.code == 1 && again.output == "ada is not here\n", "\(again.output)")
      let unknown = try run(one, "kick", "nobody", "--json")
      #expect(unknown.code == 1)
      #expect(try object(unknown.output)["kicked"] as? Bool == false)
      let back = try one.client("/ws/ada")
      try back.send("here")
      for client in [back, bob] { #expect(try client.text() == #"{"user": "ada", "message": "here"}"#) }
    }

    @Test("sockets are listed with hall, client, peer and worker, those of one hall alone if asked")
    func sockets() throws {
      let server = try Server(["--host-id", "web-1"])
      #expect(try run(server, "sockets").output == "no sockets\n")
      let plain = try (0..<3).map { _ in try server.client("/ws") }
      let ada = try server.client("/ws/ada")
      try Deadline.until(5, "four sockets are listed") {
        try object(run(server, "sockets", "--json").output)["total"] as? Int == 4
      }
      let table = try run(server, "sockets").output.split(separator: "\n")
      #expect(table.count == 5)
      #expect(
        table.dropFirst().allSatisfy {
          $0.contains(/^web-1\/[01]\/[0-9]+ +(ws|clients) .*127\.0\.0\.1:[0-9]+/)
        })
      let clients = try object(run(server, "sockets", "--hall", "clients", "--json").output)
      let line = try #require((clients["sockets"] as? [[String: Any]])?.first)
      #expect(clients["total"] as? Int == 1 && clients["more"] as? Int == 0)
      #expect(line["client"] as? String == "ada" && line["hall"] as? String == "clients")
      #expect(line["host"] as? String == "web-1")
      withExtendedLifetime((plain, ada)) {}
    }

    @Test("the doctor finds a server that is well, hosts of two builds, and that there is none")
    func doctor() throws {
      let server = try Server(["--host-id", "web-1"], workers: 1)
      try Deadline.until(10, "its record says that it serves") {
        try run(server, "status").output.contains("web-1  serving")
      }
      let well = try run(server, "doctor")
      #expect(well.code == 0, "\(well.output)")
      for line in [
        "ok    terminal", "ok    server", "ok    redis", "ok    version", "ok    hosts", "ok    build",
      ] {
        #expect(well.output.contains(line), "\(line) in \(well.output)")
      }
      let wire = try server.askRedis()
      _ = try wire.ask("SADD", RedisWire.key("hosts"), "web-2")
      _ = try wire.ask(
        "HSET", RedisWire.key("host:web-2"), "id", "web-2", "build", "9.9.9", "state", "serving")
      let mixed = try run(server, "doctor")
      #expect(mixed.code == 0 && mixed.output.contains("9.9.9 on web-2"), "\(mixed.output)")
      let sandbox = try Sandbox()
      let nobody = try run(sandbox, ["doctor", "--json", "--state", sandbox.path])
      #expect(nobody.code == 1)
      #expect(try object(nobody.output)["ok"] as? Bool == false)
      #expect(nobody.output.contains("no running server found"))
    }

    @Test("in an empty namespace nobody is told anything")
    func nobody() throws {
      let redis = try OutsideRedis()
      let sandbox = try Sandbox()
      for command in [["broadcast", "hi"], ["kick", "ada"], ["sockets"]] {
        let answer = try run(sandbox, command + ["--redis", redis.url])
        #expect(answer.code == 1 && answer.output == "wsconsole: \(command[0]): no host is there\n")
      }
    }
  }
}
