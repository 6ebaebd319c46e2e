package import Bytes

/// An accepted handshake that lacks only the digest of its key.
package struct Upgrade: Equatable, Sendable {
  /// Key and GUID: hash it with SHA-1 and render with the digest.
  package let keyMaterial: [UInt8]
  package let subprotocol: String?
  package let deflate: DeflateAgreement?

  /// The 101 head. What follows it on the connection are frames.
  package func render(into out: inout ByteBuffer, digest: Span<UInt8>) {
    out.append("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
    out.append("Sec-WebSocket-Accept: ")
    out.append(AcceptKey.proof(digest: digest).span)
    out.append("\r\n")
    if let subprotocol {
      HeaderField("Sec-WebSocket-Protocol", subprotocol).render(into: &out)
    }
    if let deflate {
      out.append("Sec-WebSocket-Extensions: ")
      deflate.renderAnswer(into: &out)
      out.append("\r\n")
    }
    out.append("\r\n")
  }
}
