import Testing

extension EndToEnd {
  /// The first older project, by the transcript of a browser's console in its README (inventory A, B, C, P2).
  @Suite(.serialized) struct BrowserTranscriptTests {
    @Test("`ws.send(\"hello server\")` in the console prints `received: echo: hello server`")
    func transcript() throws {
      let server = try Server(workers: 2)
      // const ws = new WebSocket("ws://localhost:8000/ws"); as Chrome asks, from any page.
      let browser = try server.client(
        "/ws",
        fields: [
          "Origin: http://example.org", "User-Agent: Mozilla/5.0", "Pragma: no-cache",
          "Cache-Control: no-cache",
        ])
      try browser.send("hello server")
      #expect(try browser.text() == "echo: hello server")
    }

    @Test("`POST /broadcast {\"message\": \"hello everyone\"}` prints the bare text in every console")
    func broadcast() throws {
      let server = try Server(workers: 2)
      let browsers = try (0..<6).map { _ in try server.client("/ws") }
      let reply = try server.http(
        "POST", "/broadcast", body: #"{ "message": "hello everyone" }"#,
        fields: ["Content-Type: application/json"])
      #expect(reply.status == 200)
      for browser in browsers { #expect(try browser.text() == "hello everyone") }
    }

    @Test("`GET /` tells the local and the global count in exactly these words")
    func status() throws {
      let server = try Server(workers: 2)
      let browsers = try (0..<3).map { _ in try server.client("/ws") }
      try server.count(becomes: 3)
      let body = try server.http("GET", "/").body
      let local = try #require(body.split(separator: " ").compactMap { Int($0.dropLast()) }.first)
      #expect(
        body == #"{"status": "ok", "local_active_connections": \#(local), "global_active_connections": 3}"#)
      #expect(try server.http("GET", "/", fields: ["Accept: */*"]).fields["vary"] == "Accept")
      withExtendedLifetime(browsers) {}
    }
  }
}
