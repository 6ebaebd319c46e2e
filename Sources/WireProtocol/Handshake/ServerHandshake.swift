import Bytes

/// What a server has to offer to the clients that knock.
package struct HandshakeOffer: Equatable, Sendable {
  /// Subprotocols it speaks, dearest first.
  package var subprotocols: [String]
  package var deflate: Bool

  package init(subprotocols: [String] = [], deflate: Bool = true) {
    self.subprotocols = subprotocols
    self.deflate = deflate
  }
}

/// The server's half of the opening handshake (RFC 6455 §4.2).
package enum ServerHandshake {
  package enum Verdict: Equatable, Sendable {
    /// An ordinary HTTP request.
    case notAnUpgrade
    case refused(Response)
    case accepted(Upgrade)
  }

  package static func examine(_ request: Request, offer: HandshakeOffer) -> Verdict {
    let fields = request.fields
    let wantsWebSocket = fields.has(token: "websocket", in: "Upgrade")
    // Half a handshake deserves a word about the other half, not a page.
    guard wantsWebSocket || fields.count(of: "Sec-WebSocket-Key") > 0 else { return .notAnUpgrade }
    guard request.method == .get else { return .refused(methodNotAllowed) }
    guard wantsWebSocket, fields.has(token: "upgrade", in: "Connection"), request.version == .http11 else {
      return refused("A WebSocket handshake needs HTTP/1.1, Upgrade: websocket and Connection: Upgrade.\n")
    }
    guard speaksVersion13(fields) else { return .refused(upgradeRequired) }
    guard let keyMaterial = keyMaterial(fields) else {
      return refused("Sec-WebSocket-Key has to be base64 of 16 bytes, once.\n")
    }
    return .accepted(
      Upgrade(
        keyMaterial: keyMaterial,
        subprotocol: choose(from: offer.subprotocols, fields),
        deflate: offer.deflate ? DeflateAgreement.accepting(fields) : nil))
  }

  /// 426 with the one version spoken here; also the answer to a plain GET on a WebSocket route.
  package static var upgradeRequired: Response {
    var response = Response.text(.upgradeRequired, "Connect with a WebSocket client, version 13.\n")
    response.fields += [
      HeaderField("Upgrade", "websocket"), HeaderField("Connection", "Upgrade"),
      HeaderField("Sec-WebSocket-Version", "13"),
    ]
    return response
  }

  private static var methodNotAllowed: Response {
    var response = Response.text(.methodNotAllowed, "A WebSocket handshake is a GET.\n")
    response.fields.append(HeaderField("Allow", "GET"))
    return response
  }

  private static func refused(_ reason: String) -> Verdict { .refused(.text(.badRequest, reason)) }

  private static func speaksVersion13(_ fields: Fields) -> Bool {
    var speaks = fields.count(of: "Sec-WebSocket-Version") == 1
    fields.forEachValue(of: "Sec-WebSocket-Version") { speaks = speaks && $0.equals("13") }
    return speaks
  }

  private static func keyMaterial(_ fields: Fields) -> [UInt8]? {
    guard fields.count(of: "Sec-WebSocket-Key") == 1 else { return nil }
    var material: [UInt8]?
    fields.forEachValue(of: "Sec-WebSocket-Key") { key in
      if Base64.isSixteenBytes(key) { material = AcceptKey.material(key) }
    }
    return material
  }

  /// The server's dearest that the client named too. Subprotocols are compared with case.
  private static func choose(from supported: [String], _ fields: Fields) -> String? {
    supported.first { subprotocol in
      var isOffered = false
      fields.forEachElement(of: "Sec-WebSocket-Protocol") {
        isOffered = isOffered || $0.equals(subprotocol.utf8.span)
      }
      return isOffered
    }
  }
}
