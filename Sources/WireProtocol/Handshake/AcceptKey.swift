import Bytes

/// The proof that a server understood a WebSocket handshake: base64 of SHA-1 of key and GUID (RFC 6455 §4.2.2).
/// There is no digest in this target; the caller hashes `material` and brings the twenty bytes back.
enum AcceptKey {
  private static let guid: [UInt8] = Array("258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)

  static func material(_ key: Span<UInt8>) -> [UInt8] {
    var material: [UInt8] = []
    material.reserveCapacity(key.count + guid.count)
    material.append(copying: key)
    material.append(contentsOf: guid)
    return material
  }

  static func proof(digest: Span<UInt8>) -> [UInt8] {
    precondition(digest.count == 20, "SHA-1 has twenty bytes")
    return Base64.encode(digest)
  }
}
