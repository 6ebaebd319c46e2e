import Testing
import WireProtocol

@Suite struct HandshakeServerTests {
  private static let wish = "Upgrade: websocket\r\nConnection: Upgrade\r\n"
  private static let version = "Sec-WebSocket-Version: 13\r\n"
  private static let key = "Sec-WebSocket-Key: \(sampleKey)\r\n"

  private func examine(
    _ lines: String, method: String = "GET", version: String = "1.1", offer: HandshakeOffer = HandshakeOffer()
  ) throws -> ServerHandshake.Verdict {
    let request = try #require(onlyRequest("\(method) /chat HTTP/\(version)\r\nHost: h\r\n\(lines)\r\n"))
    return ServerHandshake.examine(request, offer: offer)
  }

  private func accepted(_ verdict: ServerHandshake.Verdict) -> Upgrade? {
    if case .accepted(let upgrade) = verdict { upgrade } else { nil }
  }

  @Test("the examples of RFC 6455 §1.2 and §1.3 come out to the byte")
  func example() throws {
    let lines =
      Self.wish + Self.key + "Origin: http://example.com\r\nSec-WebSocket-Protocol: chat, superchat\r\n"
      + Self.version
    let verdict = try examine(lines, offer: HandshakeOffer(subprotocols: ["chat"]))
    let upgrade = try #require(accepted(verdict))
    #expect(upgrade.keyMaterial == Array((sampleKey + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
    #expect(
      rendered(upgrade)
        == "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Accept: \(sampleAccept)\r\nSec-WebSocket-Protocol: chat\r\n\r\n")
  }

  @Test(
    "a plain request is none of its business", arguments: ["", "Upgrade: h2c\r\nConnection: Upgrade\r\n"])
  func plain(lines: String) throws {
    let verdict = try examine(lines)
    #expect(verdict == .notAnUpgrade)
  }

  @Test(
    "half a handshake is refused with the status that says why",
    arguments: [
      ("Upgrade: websocket\r\n" + version + key, 400), ("Connection: Upgrade\r\n" + version + key, 400),
      (wish + version, 400), (wish + version + key + key, 400),
      (wish + version + "Sec-WebSocket-Key: c2hvcnQ=\r\n", 400),
      (wish + version + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZSE=\r\n", 400),
      (wish + version + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j_Q==\r\n", 400),
      (wish + key, 426), (wish + key + "Sec-WebSocket-Version: 8\r\n", 426),
      (wish + key + version + version, 426), (wish + key + "Sec-WebSocket-Version: 013\r\n", 426),
    ])
  func refused(lines: String, code: Int) throws {
    let verdict = try examine(lines)
    guard case .refused(let response) = verdict else {
      Issue.record("not refused: \(verdict)")
      return
    }
    #expect(response.status.code == code)
    let named = response.fields.contains(HeaderField("Sec-WebSocket-Version", "13"))
    #expect(named == (code == 426))
  }

  @Test("only a GET of HTTP/1.1 is a handshake", arguments: [("POST", "1.1", 405), ("GET", "1.0", 400)])
  func methodAndVersion(method: String, version: String, code: Int) throws {
    let verdict = try examine(Self.wish + Self.version + Self.key, method: method, version: version)
    guard case .refused(let response) = verdict else {
      Issue.record("not refused: \(verdict)")
      return
    }
    #expect(response.status.code == code)
  }

  @Test(
    "the server's dearest subprotocol that the client names is chosen, with case",
    arguments: [
      ("a, b", "b"), ("a", "a"), ("c", nil), ("B", nil), ("a\r\nSec-WebSocket-Protocol: b", "b"),
    ] as [(String, String?)])
  func subprotocol(offered: String, chosen: String?) throws {
    let lines = Self.wish + Self.version + Self.key + "Sec-WebSocket-Protocol: \(offered)\r\n"
    let verdict = try examine(lines, offer: HandshakeOffer(subprotocols: ["b", "a"]))
    #expect(try #require(accepted(verdict)).subprotocol == chosen)
  }
}
