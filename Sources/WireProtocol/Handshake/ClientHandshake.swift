package import Bytes

/// The client's half of the opening handshake (RFC 6455 §4.1).
package struct ClientHandshake: Equatable, Sendable {
  /// What server and client will speak.
  package struct Agreement: Equatable, Sendable {
    package let subprotocol: String?
    package let deflate: DeflateAgreement?
  }

  private let key: [UInt8]
  private let request: ClientRequest
  private let subprotocols: [String]
  private let deflate: Bool

  /// `nonce` is sixteen random bytes, fresh for each connection.
  package init(
    host: String, path: String, nonce: [UInt8], subprotocols: [String] = [], headers: [HeaderField] = [],
    deflate: Bool = false
  ) {
    precondition(nonce.count == 16, "a handshake's nonce has sixteen bytes")
    let key = Base64.encode(nonce.span)
    self.key = key
    self.subprotocols = subprotocols
    self.deflate = deflate
    var fields = [
      HeaderField("Upgrade", "websocket"), HeaderField("Connection", "Upgrade"),
      HeaderField("Sec-WebSocket-Version", "13"), HeaderField("Sec-WebSocket-Key", key.span.text),
    ]
    if !subprotocols.isEmpty {
      fields.append(HeaderField("Sec-WebSocket-Protocol", subprotocols.joined(separator: ", ")))
    }
    if deflate {
      fields.append(HeaderField("Sec-WebSocket-Extensions", DeflateAgreement.offer.description))
    }
    request = ClientRequest(.get, host: host, path: path, fields: fields + headers)
  }

  /// Key and GUID: its SHA-1 is what `verify` compares with.
  package var keyMaterial: [UInt8] { AcceptKey.material(key.span) }

  package func render(into out: inout ByteBuffer) { request.render(into: &out) }

  package func verify(_ answer: Answer, digest: Span<UInt8>) throws(HandshakeRefusal) -> Agreement {
    let fields = answer.fields
    guard answer.status == .switchingProtocols else { throw .status(answer.status.code) }
    guard fields.has(token: "websocket", in: "Upgrade"), fields.has(token: "upgrade", in: "Connection")
    else { throw .notWebSocket }
    guard let accept = fields["Sec-WebSocket-Accept"] else { throw .missingAccept }
    guard fields.count(of: "Sec-WebSocket-Accept") == 1, accept == AcceptKey.proof(digest: digest).span.text
    else { throw .wrongAccept }
    return Agreement(subprotocol: try verifySubprotocol(fields), deflate: try verifyExtensions(fields))
  }

  private func verifySubprotocol(_ fields: Fields) throws(HandshakeRefusal) -> String? {
    guard let chosen = fields["Sec-WebSocket-Protocol"] else { return nil }
    guard fields.count(of: "Sec-WebSocket-Protocol") == 1, subprotocols.contains(chosen) else {
      throw .unaskedSubprotocol(chosen)
    }
    return chosen
  }

  private func verifyExtensions(_ fields: Fields) throws(HandshakeRefusal) -> DeflateAgreement? {
    guard let terms = fields["Sec-WebSocket-Extensions"] else { return nil }
    let text = terms.utf8.span
    guard fields.count(of: "Sec-WebSocket-Extensions") == 1, let elements = ExtensionElement.list(text) else {
      throw .unaskedExtension(terms)
    }
    guard let element = elements.first else { return nil }
    guard deflate, elements.count == 1, text.extracting(element.name).equalsIgnoringCase("permessage-deflate")
    else { throw .unaskedExtension(terms) }
    guard let parameters = DeflateParameters(element, in: text),
      let agreement = DeflateAgreement(answeredBy: parameters)
    else { throw .deflateTerms(terms) }
    return agreement
  }
}
