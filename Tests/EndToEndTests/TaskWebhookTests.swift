import Testing

extension EndToEnd {
  /// Webhooks: where they may go, what they say, how often.
  @Suite(.serialized) struct TaskWebhookTests {
    private func webhook(_ port: UInt16, _ path: String, _ more: String = "") -> String {
      #"{"kind": "webhook", "payload": {"url": "http://127.0.0.1:\#(port)\#(path)", "body": {"x": [1, "é"]}}\#(more)}"#
    }

    @Test("one that is taken is sent once, with its task as the key")
    func once() throws {
      let receiver = try Receiver()
      let server = try Server(["--webhook-allow", "127.0.0.1:\(receiver.port)"])
      let id = try server.task(webhook(receiver.port, "/in?a=b"))
      try server.task(id, becomes: "done")
      #expect(receiver.letters == [Receiver.Letter(path: "/in?a=b", key: id, body: #"{"x":[1,"é"]}"#)])
    }

    @Test("trouble is tried again under the same key, a no and a redirect are not")
    func again() throws {
      let receiver = try Receiver()
      let server = try Server(["--webhook-allow", "127.0.0.1:\(receiver.port)"])
      let flaky = try server.task(webhook(receiver.port, "/503x2"))
      let watcher = try server.client("/ws/tasks?task_id=\(flaky)")
      let refused = try ["/404", "/302"].map { try server.task(webhook(receiver.port, $0)) }
      for id in refused { try server.task(id, becomes: "failed") }
      try server.task(flaky, becomes: "done")
      #expect(receiver.letters.filter { $0.key == flaky }.count == 3)
      for id in refused { #expect(receiver.letters.filter { $0.key == id }.count == 1) }
      var heard = try watcher.event()
      while heard.status != "done" {
        #expect(["queued", "running", "retrying"].contains(heard.status))
        heard = try watcher.event()
      }
      #expect(heard.attempt == "3")
    }

    @Test("after five attempts it is a dead letter, and is listed as one")
    func dead() throws {
      let receiver = try Receiver()
      let server = try Server(["--webhook-allow", "127.0.0.1:\(receiver.port)"], workers: 1)
      let id = try server.task(webhook(receiver.port, "/500"))
      try server.task(id, becomes: "failed", within: 30)
      #expect(receiver.letters.count == 5)
      let list = try server.http("GET", "/tasks?status=failed").body
      #expect(list.contains(id) && list.contains("Failed: the receiver answered 500"))
      #expect(try server.http("GET", "/v1/get_queue_length/").body == #"{"task_lenth": 0}"#)
    }

    @Test("a payload without a URL goes to the configured place, whose host has to be allowed")
    func configured() throws {
      let receiver = try Receiver()
      let url = "http://hooks.example:\(receiver.port)/orders"
      let server = try Server([
        "--webhook-allow", "hooks.example:\(receiver.port)=127.0.0.1", "--webhook-url", url,
      ])
      let id = try server.task(#"{"kind": "webhook", "payload": {"order": 7}}"#)
      try server.task(id, becomes: "done")
      #expect(receiver.letters == [Receiver.Letter(path: "/orders", key: id, body: #"{"order":7}"#)])
      let sandbox = try Sandbox()
      let program = try Program(
        Program.path("wsserver"), ["--state", sandbox.path, "--webhook-url", url], in: sandbox)
      #expect(try program.exitCode(within: 5, "it does not start") == 2)
      #expect(program.output.contains("webhook-allow"))
    }

    @Test("https is spoken to a receiver whose certificate is trusted for its name, and to no other")
    func secure() throws {
      let sandbox = try Sandbox()
      let certificate = "\(sandbox.path)/hook.pem"
      let openssl = try Program(
        "/usr/bin/openssl",
        [
          "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
          "-subj", "/CN=hooks", "-addext", "subjectAltName=DNS:hooks.example", "-keyout", certificate,
          "-out", "\(certificate).crt",
        ], in: sandbox)
      #expect(try openssl.exitCode(within: 10, "a certificate is made") == 0)
      let receiver = try Program(
        "/usr/bin/python3", ["-u", "-c", Self.secureReceiver, certificate, "\(certificate).crt"], in: sandbox)
      let line = try receiver.line(with: "port ")
      let port = try #require(UInt16(line.split(separator: " ")[1]))
      let server = try Server(
        [
          "--webhook-allow", "hooks.example:\(port)=127.0.0.1", "--webhook-allow",
          "other.example:\(port)=127.0.0.1",
        ],
        workers: 1, environment: ["SSL_CERT_FILE": "\(certificate).crt"])
      func webhook(_ host: String) -> String {
        #"{"kind": "webhook", "payload": {"url": "https://\#(host):\#(port)/in", "body": 7}}"#
      }
      let id = try server.task(webhook("hooks.example"))
      try server.task(id, becomes: "done")
      try receiver.line(with: "/in \(id) 7")
      let other = try server.task(webhook("other.example"))
      try server.task(other, becomes: "retrying")
      #expect(try server.http("GET", "/tasks/\(other)").body.contains("certificate is not trusted"))
    }

    private static let secureReceiver = """
      from http import server as web
      from ssl import SSLContext, PROTOCOL_TLS_SERVER
      from sys import argv
      class Hook(web.BaseHTTPRequestHandler):
          def do_POST(self):
              body = self.rfile.read(int(self.headers["Content-Length"])).decode()
              print(self.path, self.headers["Idempotency-Key"], body)
              self.send_response(204)
              self.end_headers()
      server = web.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
      context = SSLContext(PROTOCOL_TLS_SERVER)
      context.load_cert_chain(argv[2], argv[1])
      server.socket = context.wrap_socket(server.socket, server_side=True)
      print("port", server.server_port)
      server.serve_forever()
      """

    @Test("a roll in the middle of calls makes none of them twice")
    func roll() throws {
      let receiver = try Receiver()
      let server = try Server(["--webhook-allow", "127.0.0.1:\(receiver.port)"])
      try server.guarded()
      let ids = try (0..<10).map { _ in try server.task(webhook(receiver.port, "/slow")) }
      #expect(try server.order("roll", "--wait").code == 0)
      for id in ids { try server.task(id, becomes: "done") }
      #expect(Set(receiver.letters.map(\.key)) == Set(ids))
      #expect(receiver.letters.count == 10)
    }
  }
}
