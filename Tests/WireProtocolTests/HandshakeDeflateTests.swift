import Testing
import WireProtocol

@Suite struct HandshakeDeflateTests {
  private static let plain = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

  private func upgrade(_ extensions: String, deflate: Bool = true) throws -> Upgrade {
    let request = try #require(
      onlyRequest(
        "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \(sampleKey)\r\n"
          + "Sec-WebSocket-Extensions: \(extensions)\r\n\r\n"))
    let verdict = ServerHandshake.examine(request, offer: HandshakeOffer(deflate: deflate))
    guard case .accepted(let upgrade) = verdict else { throw HandshakeRefusal.notWebSocket }
    return upgrade
  }

  private func answered(_ upgrade: Upgrade) -> String? {
    let head = rendered(upgrade)
    let name = "Sec-WebSocket-Extensions: "
    let line = head.split(separator: "\r\n").first { $0.hasPrefix(name) }
    return line.map { String($0.dropFirst(name.count)) }
  }

  @Test(
    "each offer of RFC 7692 §7.1 gets its answer",
    arguments: [
      ("permessage-deflate", plain), ("PerMessage-Deflate", plain),
      ("permessage-deflate; client_max_window_bits", plain),
      ("permessage-deflate; server_no_context_takeover; client_no_context_takeover", plain),
      ("permessage-deflate; server_max_window_bits=10", plain + "; server_max_window_bits=10"),
      ("permessage-deflate; server_max_window_bits=\"9\"", plain + "; server_max_window_bits=9"),
      ("permessage-deflate; server_max_window_bits=15", plain + "; server_max_window_bits=15"),
      ("permessage-deflate; client_max_window_bits=8", plain + "; client_max_window_bits=8"),
      (
        "permessage-deflate; client_max_window_bits; server_max_window_bits=10, permessage-deflate",
        plain + "; server_max_window_bits=10"
      ),
      ("permessage-deflate; server_max_window_bits=8, permessage-deflate", plain),
      ("x-other; a=\"b\", permessage-deflate", plain),
      ("x-other\r\nSec-WebSocket-Extensions: permessage-deflate", plain),
    ])
  func accepted(offer: String, answer: String) throws {
    let upgrade = try upgrade(offer)
    #expect(answered(upgrade) == answer)
    #expect(upgrade.deflate != nil)
  }

  @Test(
    "an offer that breaks the rules, or that zlib cannot keep, is declined",
    arguments: [
      "permessage-deflate; server_max_window_bits=8", "permessage-deflate; server_max_window_bits",
      "permessage-deflate; server_max_window_bits=7", "permessage-deflate; server_max_window_bits=16",
      "permessage-deflate; server_max_window_bits=010", "permessage-deflate; client_max_window_bits=7",
      "permessage-deflate; client_max_window_bits=16", "permessage-deflate; client_max_window_bits=",
      "permessage-deflate; client_max_window_bits=99999999999999999999",
      "permessage-deflate; server_no_context_takeover=1",
      "permessage-deflate; client_no_context_takeover=\"\"",
      "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
      "permessage-deflate; client_max_window_bits; client_max_window_bits=9",
      "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9",
      "permessage-deflate; unknown", "permessage-deflate;", "permessage-deflate; =", "permessage-deflate x",
      "x-webkit-deflate-frame", "", ",",
    ])
  func declined(offer: String) throws {
    let upgrade = try upgrade(offer)
    #expect(upgrade.deflate == nil)
    #expect(answered(upgrade) == nil)
  }

  @Test("the windows agreed on are what the answer says")
  func windows() throws {
    let both = "permessage-deflate; server_max_window_bits=10; client_max_window_bits=11"
    let agreement = try #require(try upgrade(both).deflate)
    #expect(agreement.serverWindowBits == 10)
    #expect(agreement.clientWindowBits == 11)
  }

  @Test("a server without compression accepts none")
  func off() throws {
    let upgrade = try upgrade("permessage-deflate", deflate: false)
    #expect(upgrade.deflate == nil)
  }
}
