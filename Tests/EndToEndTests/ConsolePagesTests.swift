import Glibc
import Testing

extension EndToEnd {
  /// The pages that look at what clients do, in a real terminal: traffic, sockets, timeline, tasks, and the composer.
  @Suite(.serialized) struct ConsolePagesTests {
    private func window(_ server: Server, _ options: String = "", width: Int = 100) throws -> ConsoleWindow {
      let console = "\(try Program.path("wsconsole")) --state \(server.sandbox.path) \(options)"
      let window = try ConsoleWindow(console, width: width, height: 24, in: server.sandbox)
      try window.wait(for: "serving")
      return window
    }

    @Test("what clients say goes by; a broadcast is written, asked about, sent, and heard")
    func traffic() throws {
      let server = try Server(["--host-id", "web-1"])
      let plain = try server.client("/ws?notify=0")
      let ada = try server.client("/ws/ada")
      let window = try window(server)
      try window.press("4")
      try window.wait(for: "Nothing has been said yet")
      try plain.send("from the plain one")
      try ada.send("from \u{1B}[31mada")
      try window.wait(for: "from the plain one")
      try Deadline.until(10, "what ada says, harmless, to her hall") {
        window.screen.split(separator: "\n").contains {
          $0.contains(/hall +ada +clients/) && $0.contains("from \u{FFFD}[31mada")
        }
      }
      try window.press("Space")
      try window.wait(for: "held")
      try window.press("End")
      try window.press("w")
      try window.wait(for: "2 sockets in all halls will hear it")
      // A line's end that is pasted sends nothing, and no letter behind it answers a question.
      try window.paste("back in\ny a minute")
      try window.wait(for: "back in y a minute")
      #expect(!window.screen.contains("esc not yet"))
      try window.press("Home")
      try window.press("DC")
      try window.press("B")
      try window.press("Enter")
      try window.wait(for: "2 sockets in all halls will hear:")
      try window.press("y")
      try window.wait(for: "broadcast: durable as ")
      #expect(try plain.text() == "echo: from the plain one")
      #expect(try plain.text() == "Back in y a minute")
      try Deadline.until(10, "the broadcast among the lines") {
        window.screen.split(separator: "\n").contains { $0.contains(/broadcast +operator +all/) }
      }
    }

    @Test("sockets are listed, filtered, looked at, and one is kicked after a question")
    func sockets() throws {
      let server = try Server(["--host-id", "web-1"])
      let plain = try (0..<3).map { _ in try server.client("/ws?notify=0") }
      let ada = try server.client("/ws/ada")
      let bob = try server.client("/ws/bob")
      #expect(try server.http("PUT", "/groups/team/members/ada").status == 200)
      #expect(try server.http("PUT", "/clients/ada/data/cart", body: "[7]").status == 200)
      let window = try window(server)
      try window.press("5")
      try window.wait(for: "5 sockets")
      try window.press("k")
      try window.wait(for: "kick: choose a client on the sockets page first.")
      try window.press("/")
      try window.press("ada")
      try window.press("Enter")
      try window.wait(for: "1 of 5 sockets")
      try window.press("Enter")
      try window.wait(for: "groups  team")
      try window.wait(for: "[7]")
      try window.press("Escape")
      try window.press("k")
      try window.wait(for: "Kick ada?")
      try window.press("y")
      try window.wait(for: "kick: ada is told to go, on web-1/")
      #expect(try ada.ending() == "1000 disconnected")
      try window.wait(for: "No socket like that")
      try window.press("Escape")
      try window.press("Escape")
      try window.wait(for: "4 sockets")
      withExtendedLifetime((plain, bob)) {}
    }

    @Test("the timeline goes back to an event and on again, and says when Redis is away")
    func timeline() throws {
      let server = try Server(["--host-id", "web-1"])
      let window = try window(server)
      try window.press("6")
      try window.wait(for: "ready, 2 workers")
      try window.press("Up")
      try window.wait(for: "as of ")
      try window.press("r")
      try window.press("y")
      try window.wait(for: "last roll done", 20)
      try window.press("6")
      try window.wait(for: "more since")
      try window.press("End")
      try window.wait(for: "roll done")
      try window.press("f")
      try window.wait(for: "starts, stops and crashes")
      try Deadline.until(5, "only starts are seen") { !window.screen.contains("roll done") }
      try window.press("f")
      try window.press("Enter")
      try window.wait(for: "event rolled")
      try window.press("Escape")
      kill(try #require(server.redis), SIGKILL)
      try window.wait(for: "as it was at")
      try window.wait(for: "as it comes", 30)
    }

    @Test("tasks are counted, listed and looked at")
    func tasks() throws {
      let server = try Server(["--host-id", "web-1"])
      let window = try window(server)
      try window.press("7")
      try window.wait(for: "There are no tasks")
      let body = #"{"kind": "sleep", "payload": {"seconds": 0.2}, "client_id": "ada"}"#
      #expect(try server.http("POST", "/tasks", body: body).status == 202)
      try Deadline.until(10, "a task that is done") {
        window.screen.split(separator: "\n").contains { $0.contains(/sleep +done +1 +ada/) }
      }
      try Deadline.until(10, "what the workers have done, from their records") {
        !window.screen.contains(" 0 /s done")
      }
      try window.press("Enter")
      try window.wait(for: #"{"seconds": 0.2}"#.replacing(" ", with: ""))
      try window.press("Escape")
      for _ in 0..<5 { try window.press("f") }
      try window.wait(for: "dead letters")
      try window.wait(for: "None is failed.")
    }

    @Test("each page at any size of the terminal, and a console that only looks")
    func looking() throws {
      let server = try Server(["--host-id", "web-1"], workers: 1)
      let client = try server.client("/ws?notify=0")
      let window = try window(server, "--read-only", width: 80)
      for (key, text) in [("4", "every hall"), ("5", "1 socket"), ("6", "everything"), ("7", "dead letters")]
      {
        try window.press(key)
        try window.wait(for: text)
        try window.resize(20, 5)
        try window.wait(for: "Terminal too small:")
        try window.resize(200, 50)
        try window.wait(for: text)
        try window.resize(60, 16)
        try window.wait(for: text)
      }
      for key in ["d", "w", "r"] {
        try window.press(key)
        try window.wait(for: "This console only looks")
        try window.press("Escape")
        try Deadline.until(5, "the word is gone") { !window.screen.contains("only looks") }
      }
      let refused = try Program(
        Program.path("wsconsole"), ["drain", "--read-only", "--state", server.sandbox.path],
        in: server.sandbox)
      #expect(try refused.exitCode(within: 10, "the option is for the screen") == 2)
      withExtendedLifetime(client) {}
    }
  }
}
