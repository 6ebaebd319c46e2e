import Testing

@testable import EventLoop

@Suite struct SocketAddressTests {
  @Test(
    "addresses people write",
    arguments: [
      ("127.0.0.1:8000", .tcp(host: "127.0.0.1", port: 8000)), ("8000", .tcp(host: "127.0.0.1", port: 8000)),
      (":8000", .tcp(host: "127.0.0.1", port: 8000)), ("localhost:0", .tcp(host: "127.0.0.1", port: 0)),
      ("*:65535", .tcp(host: "0.0.0.0", port: 65535)), ("[::1]:8000", .tcp(host: "::1", port: 8000)),
      ("host.example:1", .tcp(host: "host.example", port: 1)), ("/run/x.sock", .unix(path: "/run/x.sock")),
      ("unix:x.sock", .unix(path: "x.sock")),
    ] as [(String, SocketAddress)])
  func good(text: String, address: SocketAddress) throws {
    #expect(try SocketAddress.parse(text) == address)
  }

  @Test("a description reads back as the same address", arguments: ["127.0.0.1:8000", "[::1]:8000", "/x"])
  func description(text: String) throws { #expect(try SocketAddress.parse(text).description == text) }

  @Test(
    "what is no address says so",
    arguments: [
      "", ":", "host", "host:", "host:65536", "host:-1", "host:+80", "host:8 0", "::1:8000", "[::1]",
      "[::1:80",
      "[]:80", "unix:", "8000:",
    ])
  func bad(text: String) {
    #expect(throws: SocketAddress.Malformed.self) { try SocketAddress.parse(text) }
  }

  @Test(
    "only true loopback is loopback",
    arguments: [
      ("127.0.0.1:1", true), ("127.9.9.9:1", true), ("[::1]:1", true), ("/x", true), ("0.0.0.0:1", false),
      ("127.example.com:1", false), ("127.0.0.1.example.com:1", false), ("10.0.0.1:1", false),
    ])
  func loopback(text: String, expected: Bool) throws {
    #expect(try SocketAddress.parse(text).isLoopback == expected)
  }
}
