import Glibc
import Testing

extension EndToEnd {
  /// wss: what a worker's restart costs its clients, who they are, and who does not come through.
  @Suite(.serialized) struct GateTests {
    private let stage: GateStage

    init() throws { stage = try GateStage() }

    /// One gate stands still while the supervisors change, and so comes late to the new one.
    @Test("a roll, a worker's kill, the supervisor's kill and an upgrade: wss clients notice nothing")
    func restarts() throws {
      let server = try stage.start()
      try server.guarded()
      let before = server.gates
      let (worker, lead) = (server.workers[0], try #require(server.supervisor))
      let load = try stage.load([
        "--sockets", "200", "--duration", "11", "--send-rate", "5", "--size", "200", "--cut", "20",
        "--restart", "kill -9 \(worker)", "--at", "1500ms", "--restart", "roll", "--at", "3500ms",
        "--restart", "kill -9 \(lead)", "--at", "5500ms", "--restart", "kill -STOP \(before[1])", "--at",
        "7900ms",
        "--restart", "upgrade", "--at", "8", "--restart", "kill -CONT \(before[1])", "--at", "9",
        "--assert", Server.clean + " && sent>=7000 && freeze_max<2s",
      ])
      #expect(try load.exitCode(within: 40, "wsload ends") == 0, "\(load.output)")
      try server.program.line(with: "gate 0: another process accepts; the former one stays for its ")
      try Deadline.until(5, "the former gates go with their last client") {
        server.gates.count == 2 && Set(before).isDisjoint(with: server.gates)
      }
      #expect(!server.program.output.contains("have to come back"))
      #expect(try figure("sluice_gate_clients", server) == 0)
      #expect(try figure("sluice_tls_handshakes_total", server) >= 200)
    }

    @Test("a worker knows the client's own address, and its books agree with the kernel's")
    func addresses() throws {
      let server = try stage.start()
      try server.guarded()
      let load = try stage.load(["--sockets", "8", "--duration", "5", "--source", "127.0.0.9"])
      try server.count(becomes: 8)
      try Deadline.until(3, "the sockets are listed") {
        let list = try server.order("sockets").output
        return list.split(separator: "127.0.0.9:", omittingEmptySubsequences: false).count == 9
      }
      let audit = try server.order("audit")
      #expect(audit.code == 0, "\(audit.output)")
      #expect(try load.exitCode(within: 20, "wsload ends") == 0, "\(load.output)")
    }

    @Test("a drain closes wss clients with the same code as others, and everybody goes")
    func drain() throws {
      let server = try stage.start()
      let load = try stage.load([
        "--sockets", "20", "--duration", "6", "--assert", "drops==20", "--json", "-",
      ])
      try server.count(becomes: 20)
      _ = try server.order("drain", "--preset", "now")
      #expect(try server.program.exitCode(within: 10, "the server ends") == 0)
      #expect(try load.exitCode(within: 20, "wsload ends") == 0, "\(load.output)")
      #expect(load.output.contains(#""close:1012": 20"#), "\(load.output)")
    }

    @Test("who speaks no TLS, or too slowly, is told so or sent away, and counted")
    func strangers() throws {
      let server = try stage.start()
      let slow = try Wire(port: server.securePort)
      try slow.send([0x16, 0x03, 0x01])
      let plain = try Reply.ask(port: server.securePort, "GET", "/")
      #expect(plain.status == 400 && plain.body == "This port speaks TLS: try https:// or wss://\n")
      let noise = try Wire(port: server.securePort)
      try noise.send([UInt8](repeating: 0x80, count: 64))
      try end(of: noise, within: 5)
      try end(of: slow, within: 13)
      #expect(try figure(#"sluice_gate_failures_total{cause="not_tls"}"#, server) == 1)
      #expect(try figure(#"sluice_gate_failures_total{cause="handshake"}"#, server) == 1)
      #expect(try figure(#"sluice_gate_failures_total{cause="timeout"}"#, server) == 1)
    }

    @Test("where only gates connect, nobody else is heard: not without their head, nor with a guessed secret")
    func impostors() throws {
      let server = try stage.start(workers: 1)
      let port = try stage.innerPort(of: server)
      let request = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
      let bare = try Wire(port: port)
      try bare.send(request)
      try end(of: bare, within: 5)
      let head: [UInt8] =
        [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x21, 0x11, 0, 31]
        + [8, 8, 8, 8, 0, 0, 0, 0, 0, 1, 0, 0, 0xE0, 0, 16] + [UInt8](repeating: 0x42, count: 16)
      let liar = try Wire(port: port)
      try liar.send(head + request)
      try end(of: liar, within: 5)
      #expect(try figure(#"websocket_errors_total{error_type="stranger"}"#, server) == 2)
    }

    @Test("a gate that is killed is followed by another, and its clients come back")
    func death() throws {
      let server = try stage.start()
      let load = try stage.load([
        "--sockets", "40", "--duration", "6", "--reconnect", "200ms", "--restart",
        "kill -9 \(server.gates[0])",
        "--at", "2", "--assert", "open_at_end==wanted && drops>0 && drops<40",
      ])
      #expect(try load.exitCode(within: 30, "wsload ends") == 0, "\(load.output)")
      try server.program.line(with: " wss clients have to come back")
      #expect(try figure("sluice_gate_crashes_total", server) == 1)
      #expect(try server.askRedis().events().contains { $0["text"]?.contains("wss clients") == true })
    }

    @Test("a reload serves with the new certificate; one that is broken is refused, and the old one stays")
    func reload() throws {
      let server = try stage.start(workers: 1)
      #expect(try stage.reaches(trusting: "first"))
      try stage.use("second")
      server.program.signal(SIGHUP)
      try server.program.line(with: "reload: done")
      #expect(try stage.reaches(trusting: "second"))
      #expect(try !stage.reaches(trusting: "first"))
      try stage.breakFiles()
      server.program.signal(SIGHUP)
      try server.program.line(with: "nothing is reloaded: tls_certificate and tls_key: ")
      #expect(try stage.reaches(trusting: "second"))
    }

    @Test("a reload that is taken back serves with the certificate that was named before")
    func takenBack() throws {
      let server = try stage.startConfigured(with: "first")
      try server.guarded()
      try stage.configure("second")
      #expect(try server.order("reload").code == 0)
      #expect(try server.order("roll", "--pause", "--wait").code == 0)
      let back = try server.order("roll", "--take-back", "--wait")
      #expect(back.code == 0 && back.output.contains("every worker is as before"), "\(back.output)")
      #expect(try stage.reaches(trusting: "first"))
      #expect(try !stage.reaches(trusting: "second"))
    }

    @Test("a wss listener that is open to the network makes a server public, like a plain one")
    func safety() throws {
      let server = try stage.start(workers: 1, ["--listen", "wss://0.0.0.0:0"])
      try server.program.line(with: "listening publicly without admin_token")
      #expect(try server.http("POST", "/broadcast", body: #"{"message": "x"}"#).status == 403)
    }

    private func end(of wire: Wire, within seconds: Double) throws {
      let deadline = Deadline(seconds: seconds, "the connection is ended")
      while !wire.isAtEnd {
        if deadline.isOver { throw deadline.trouble }
        _ = try? wire.take(before: .look(seconds: 0.2, "the end")) { _ in nil as (Bool, Int)? }
      }
    }

    private func figure(_ name: String, _ server: Server) throws -> Int {
      let page = try server.http("GET", "/metrics").body
      guard let line = page.split(separator: "\n").first(where: { $0.hasPrefix("\(name) ") }),
        let value = line.split(separator: " ").last.flatMap({ Int($0) })
      else { throw Trouble("no \(name)") }
      return value
    }
  }
}
