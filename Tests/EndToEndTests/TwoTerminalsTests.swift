import Glibc
import Testing

extension EndToEnd {
  /// The second older project: two terminals with `wscat -c ws://localhost:8000/ws`, a notification every ten seconds,
  /// `docker compose stop app` (inventory A8, A9, B4, B5, H13–H19, P4).
  @Suite(.serialized) struct TwoTerminalsTests {
    @Test("a message typed in one terminal shows up in the other")
    func terminals() throws {
      let server = try Server(workers: 2)
      let first = try server.client(
        "/ws", fields: ["Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"])
      let second = try server.client("/ws")
      try first.send("Hello from terminal 1")
      #expect(try second.text() == "Hello from terminal 1")
      try second.send("Hello back")
      #expect(try first.text() == "echo: Hello from terminal 1")
      #expect(try first.text() == "Hello back")
    }

    @Test("every terminal is notified, each in its own time")
    func notifications() throws {
      let server = try Server(["--notify-interval", "1s"], workers: 2)
      let terminals = try (0..<4).map { _ in try server.client("/ws") }
      for terminal in terminals { #expect(try terminal.text() == "🛰 Test notification") }
    }

    @Test("SIGINT waits for those who are connected, and the process ends when the last one leaves")
    func stop() throws {
      let server = try Server(["--drain-preset", "patient"], workers: 2)
      let terminals = try (0..<3).map { _ in try server.client("/ws?notify=0") }
      try server.count(becomes: 3)
      server.program.signal(SIGINT)
      try server.program.line(with: "Shutdown initiated → waiting for global disconnect (timeout=1800s)")
      // They go on talking in the meantime.
      try terminals[0].send("still here")
      #expect(try terminals[1].text() == "still here")
      for terminal in terminals { try terminal.close() }
      #expect(try server.program.exitCode(within: 10, "the last one has left") == 0)
      #expect(server.program.output.contains("All global WS connections closed → shutdown complete."))
    }
  }
}
