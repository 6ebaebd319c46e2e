package import Bytes

/// What a gate says in front of a connection that it passes on: whose it is, and by a secret that it is the gate that
/// says so. The PROXY protocol's version 2 (haproxy.org, proxy-protocol.txt §2.2), in the one form our gate writes:
/// TCP over IPv4 or IPv6, and one vendor field with the secret. Where the client had connected to is left unspecified,
/// for nobody asks.
package struct ProxyHead: Equatable, Sendable {
  package enum Malformed: Error, Equatable { case signature, form }

  package static let secretCount = 16

  package var peer: PeerAddress
  package var secret: [UInt8]

  package init(peer: PeerAddress, secret: [UInt8]) {
    precondition(secret.count == Self.secretCount && peer.version != .none)
    self.peer = peer
    self.secret = secret
  }

  private static let signature: [UInt8] = [
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
  ]
  /// Version 2, and not the proxy's own connection.
  private static let versionAndCommand: UInt8 = 0x21
  /// The first of the types left to vendors.
  private static let secretType: UInt8 = 0xE0
  private static let fieldCount = 3 + secretCount
  private static let fixedCount = 16

  package func append(to out: inout ByteBuffer) {
    let width = peer.version == .v4 ? 4 : 16
    let rest = 2 * width + 4 + Self.fieldCount
    out.append(Self.signature.span)
    out.append(Self.versionAndCommand)
    out.append(peer.version == .v4 ? 0x11 : 0x21)
    out.append(big: UInt64(rest), count: 2)
    if peer.version == .v6 { out.append(big: peer.high, count: 8) }
    out.append(big: peer.low, count: min(width, 8))
    for _ in 0..<width { out.append(0) }
    out.append(big: UInt64(peer.port), count: 2)
    out.append(big: 0, count: 2)
    out.append(Self.secretType)
    out.append(big: UInt64(Self.secretCount), count: 2)
    out.append(secret.span)
  }

  /// Nil: more has to come first. A stranger is known by the first byte that is wrong.
  package static func read(_ bytes: Span<UInt8>) throws(Malformed) -> (head: ProxyHead, count: Int)? {
    for index in 0..<min(bytes.count, signature.count) where bytes[index] != signature[index] {
      throw .signature
    }
    if bytes.count > 12, bytes[12] != versionAndCommand { throw .form }
    guard bytes.count > 13 else { return nil }
    let version: PeerAddress.Version
    switch bytes[13] {
    case 0x11: version = .v4
    case 0x21: version = .v6
    case _: throw .form
    }
    let width = version == .v4 ? 4 : 16
    let rest = 2 * width + 4 + fieldCount
    guard bytes.count >= fixedCount else { return nil }
    guard bytes.number(at: 14, count: 2) == UInt64(rest) else { throw .form }
    guard bytes.count >= fixedCount + rest else { return nil }
    let field = fixedCount + 2 * width + 4
    guard bytes[field] == secretType, bytes.number(at: field + 1, count: 2) == UInt64(secretCount) else {
      throw .form
    }
    let peer = PeerAddress(
      version: version, high: version == .v6 ? bytes.number(at: fixedCount, count: 8) : 0,
      low: bytes.number(at: fixedCount + max(0, width - 8), count: min(width, 8)),
      port: UInt16(truncatingIfNeeded: bytes.number(at: fixedCount + 2 * width, count: 2)))
    let secret = (0..<secretCount).map { bytes[field + 3 + $0] }
    return (ProxyHead(peer: peer, secret: secret), fixedCount + rest)
  }
}

extension ByteBuffer {
  fileprivate mutating func append(big number: UInt64, count: Int) {
    for index in (0..<count).reversed() { append(UInt8(truncatingIfNeeded: number >> UInt64(8 * index))) }
  }
}

extension Span<UInt8> {
  fileprivate func number(at start: Int, count: Int) -> UInt64 {
    (0..<count).reduce(0) { $0 << 8 | UInt64(self[start + $1]) }
  }
}
