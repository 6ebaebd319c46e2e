import Glibc
import Testing

extension EndToEnd {
  /// Many sockets, many messages, and peers that do not read.
  @Suite(.serialized) struct FlowTests {
    @Test("two thousand sockets come and go, and the count is exact before and after")
    func comeAndGo() throws {
      raiseDescriptorLimit()
      let server = try Server(["--heartbeat-interval", "0"])
      for round in 1...2 {
        let clients = try (0..<1000).map { _ in try server.client("/ws?notify=0") }
        try server.count(becomes: 1000)
        // Half of them say goodbye, the others just hang up.
        for client in clients.prefix(500) { try client.close() }
        withExtendedLifetime(clients) {}
        if round == 1 { try server.count(becomes: 500) }
      }
      try server.count(becomes: 0)
      let metrics = try server.http("GET", "/metrics").body
      #expect(metrics.contains("\nsluice_upgrades_total 2000\n"))
      #expect(metrics.contains("\nwebsocket_connection_duration_seconds_count 2000\n"))
    }

    @Test("a client that never reads is closed and counted, and keeps nobody waiting")
    func slowConsumer() throws {
      let server = try Server(workers: 1)
      let deaf = try server.client("/ws?notify=0")
      let speaker = try server.client("/ws?mode=chat&notify=0")
      let listener = try server.client("/ws?notify=0")
      let payload = String(repeating: "x", count: 65_536)
      let frame = WebClient.frame(opcode: 1, Array(payload.utf8))
      var isGone = false
      for _ in 0..<600 where !isGone {
        let start = Deadline.now
        try speaker.send(frames: frame)
        #expect(try listener.text() == payload)
        #expect(Deadline.isWithin(1, since: start))
        isGone = try server.http("GET", "/metrics").body.contains("\nsluice_slow_consumers_total 1\n")
      }
      #expect(isGone)
      #expect(
        try server.http("GET", "/metrics").body.contains(
          "\nwebsocket_errors_total{error_type=\"slow_consumer\"} 1\n"))
      try server.count(becomes: 2)
      withExtendedLifetime(deaf) {}
    }

    @Test("requests one behind the other on one connection are answered in order")
    func pipelined() throws {
      let server = try Server(workers: 1)
      let wire = try Wire(port: server.port)
      let paths = ["/healthz", "/nowhere", "/readyz", "/ws", "/"]
      try wire.send(Array(paths.map { "GET \($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined().utf8))
      let replies = try paths.map { try Reply.read(from: wire, $0) }
      #expect(replies.map(\.status) == [200, 404, 200, 426, 200])
      #expect(replies[4].body.hasPrefix(#"{"status": "ok""#))
      // In pieces of one byte it is the same.
      for byte in "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n".utf8 { try wire.send([byte]) }
      #expect(try Reply.read(from: wire, "byte by byte").status == 200)
    }

    @Test("twenty thousand words from one socket reach twenty on two workers, complete and in order")
    func burst() throws {
      let server = try Server()
      let listeners = try (0..<20).map { _ in try server.client("/ws?notify=0") }
      let speaker = try server.client("/ws?mode=chat&notify=0")
      let count = 20_000
      for start in stride(from: 0, to: count, by: 1000) {
        try speaker.send(
          frames: (start..<start + 1000).flatMap { WebClient.frame(opcode: 1, Array("\($0)".utf8)) })
      }
      for listener in listeners {
        for number in 0..<count {
          let text = try listener.text()
          if text != "\(number)" { throw Trouble("'\(text)' instead of \(number)") }
        }
      }
    }

    @Test("permessage-deflate: agreed on, compressed, and the same text after inflating")
    func deflate() throws {
      let server = try Server(workers: 1)
      let client = try server.client(
        "/ws?mode=echo&notify=0", fields: ["Sec-WebSocket-Extensions: permessage-deflate"])
      let agreed = client.upgrade.fields["sec-websocket-extensions"] ?? ""
      #expect(agreed.hasPrefix("permessage-deflate"))
      let text = (0..<1000).map { "line \($0)" }.joined(separator: "\n")
      try client.send(text)
      guard case .compressed(let bytes) = try client.next() else { throw Trouble("not compressed") }
      #expect(bytes.count < text.utf8.count / 2)
      #expect(String(decoding: try inflate(bytes), as: UTF8.self) == "echo: " + text)
      // Who did not offer it gets plain frames.
      let plain = try server.client("/ws?mode=echo&notify=0")
      #expect(plain.upgrade.fields["sec-websocket-extensions"] == nil)
      try plain.send(text)
      #expect(try plain.text() == "echo: " + text)
    }

    private func raiseDescriptorLimit() {
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      limit.rlim_cur = limit.rlim_max
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
  }
}
