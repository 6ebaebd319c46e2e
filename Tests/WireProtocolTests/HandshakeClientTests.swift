import Testing
import WireProtocol

@Suite struct HandshakeClientTests {
  private static let upgrade =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: upgrade\r\n"
  private static let accept = "Sec-WebSocket-Accept: \(sampleAccept)\r\n"
  private static let deflate =
    "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover"

  private func handshake(deflate: Bool = false) -> ClientHandshake {
    ClientHandshake(
      host: "server.example.com", path: "/chat", nonce: Array("the sample nonce".utf8),
      subprotocols: ["chat", "superchat"], headers: [HeaderField("Origin", "http://example.com")],
      deflate: deflate)
  }

  private func verify(_ text: String, deflate: Bool = false) throws -> ClientHandshake.Agreement {
    let answer = try #require(try answer(text))
    let digest = sampleDigest
    return try handshake(deflate: deflate).verify(answer, digest: digest.span)
  }

  @Test("the request is the one of RFC 6455 §1.2")
  func request() throws {
    let text = rendered { handshake().render(into: &$0) }
    #expect(
      text
        == "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \(sampleKey)\r\n"
        + "Sec-WebSocket-Protocol: chat, superchat\r\nOrigin: http://example.com\r\n\r\n")
    let material = handshake().keyMaterial
    #expect(material == Array((sampleKey + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
  }

  @Test("both halves of the house agree", arguments: [true, false])
  func bothHalves(deflate: Bool) throws {
    let handshake = handshake(deflate: deflate)
    let request = try #require(onlyRequest(rendered { handshake.render(into: &$0) }))
    let verdict = ServerHandshake.examine(request, offer: HandshakeOffer(subprotocols: ["superchat"]))
    guard case .accepted(let upgrade) = verdict else {
      Issue.record("not accepted: \(verdict)")
      return
    }
    #expect(upgrade.keyMaterial == handshake.keyMaterial)
    let agreement = try verify(
      rendered(upgrade), deflate: deflate)
    #expect(agreement.subprotocol == "superchat")
    #expect(agreement.deflate == upgrade.deflate)
    #expect((agreement.deflate != nil) == deflate)
  }

  @Test(
    "an answer that does not belong to the handshake is refused",
    arguments: [
      ("HTTP/1.1 503 Full\r\nContent-Length: 0\r\n\r\n", .status(503)),
      ("HTTP/1.1 101 S\r\nConnection: upgrade\r\n" + accept + "\r\n", .notWebSocket),
      ("HTTP/1.1 101 S\r\nUpgrade: websocket\r\n" + accept + "\r\n", .notWebSocket),
      (upgrade + "\r\n", .missingAccept), (upgrade + accept + accept + "\r\n", .wrongAccept),
      (upgrade + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOp=\r\n\r\n", .wrongAccept),
      (upgrade + accept + "Sec-WebSocket-Protocol: Chat\r\n\r\n", .unaskedSubprotocol("Chat")),
      (upgrade + accept + "Sec-WebSocket-Extensions: x-a\r\n\r\n", .unaskedExtension("x-a")),
      (
        upgrade + accept + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
        .unaskedExtension("permessage-deflate")
      ),
    ] as [(String, HandshakeRefusal)])
  func refused(text: String, refusal: HandshakeRefusal) {
    #expect(throws: refusal) { try verify(text) }
  }

  @Test(
    "compression is accepted on the terms offered",
    arguments: [
      ("", 15, 15), ("; server_max_window_bits=8", 8, 15), ("; client_max_window_bits=9", 15, 9),
      ("; client_max_window_bits=12; server_max_window_bits=10", 10, 12),
    ])
  func terms(rest: String, server: Int, client: Int) throws {
    let agreement = try verify(Self.upgrade + Self.accept + Self.deflate + rest + "\r\n\r\n", deflate: true)
    #expect(agreement.deflate == DeflateAgreement(serverWindowBits: server, clientWindowBits: client))
  }

  @Test(
    "compression on other terms is refused",
    arguments: [
      "permessage-deflate", "permessage-deflate; client_no_context_takeover",
      "permessage-deflate; server_no_context_takeover; client_max_window_bits",
      "permessage-deflate; server_no_context_takeover; client_max_window_bits=16",
      "permessage-deflate; server_no_context_takeover; server_max_window_bits",
      "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
      "permessage-deflate; server_no_context_takeover; surprise",
    ])
  func otherTerms(terms: String) {
    #expect(throws: HandshakeRefusal.deflateTerms(terms)) {
      try verify(Self.upgrade + Self.accept + "Sec-WebSocket-Extensions: \(terms)\r\n\r\n", deflate: true)
    }
  }
}
