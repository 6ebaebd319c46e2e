import Testing

@testable import EventLoop

@Suite struct SocketAddressTests {
  @Test(
    "an address is read as people write it",
    arguments: [
      ("127.0.0.1:8000", .tcp(host: "127.0.0.1", port: 8000)), ("8000", .tcp(host: "127.0.0.1", port: 8000)),
      (":8000", .tcp(host: "127.0.0.1", port: 8000)), ("localhost:1", .tcp(host: "127.0.0.1", port: 1)),
      ("[::1]:65535", .tcp(host: "::1", port: 65535)), ("*:0", .tcp(host: "0.0.0.0", port: 0)),
      ("example.org:80", .tcp(host: "example.org", port: 80)), ("unix:/run/s", .unix(path: "/run/s")),
      ("unix:here", .unix(path: "here")), ("/run/s:1", .unix(path: "/run/s:1")),
    ] as [(String, SocketAddress)])
  func read(text: String, address: SocketAddress) throws {
    #expect(try SocketAddress.parse(text) == address)
  }

  @Test(
    "what is no address is refused",
    arguments: [
      "", ":", "host", "host:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+80", "+80", "::1:80", "::1",
      "[::1:80", "h:8 0", "unix:", "h:٣",
    ])
  func refuse(text: String) {
    #expect(throws: SocketAddress.Malformed.self) { try SocketAddress.parse(text) }
  }

  @Test("a refusal is harmless on a terminal")
  func harmless() {
    #expect {
      try SocketAddress.parse("\u{1B}[2J:x")
    } throws: {
      !"\($0)".unicodeScalars.contains("\u{1B}")
    }
  }

  @Test(
    "loopback is what reaches nobody else",
    arguments: [
      ("127.0.0.1:1", true), ("127.255.0.9:1", true), ("[::1]:1", true), ("/run/s", true), ("*:1", false),
      ("[::]:1", false), ("127.example.org:1", false), ("10.0.0.1:1", false),
    ])
  func loopback(text: String, expected: Bool) throws {
    #expect(try SocketAddress.parse(text).isLoopback == expected)
  }

  @Test("a description reads back as the same address", arguments: ["127.0.0.1:80", "[::1]:80", "/run/s"])
  func roundTrip(text: String) throws {
    #expect(try SocketAddress.parse(text).description == text)
  }

  @Test("a path too long for a socket is an error, not a cut")
  func longPath() {
    let path = "/" + String(repeating: "x", count: 200)
    #expect(throws: SystemError.self) { _ = try Socket.connect(to: .unix(path: path)).number }
  }
}
