import Bytes

/// What lets a client come back as itself: `<ts>.<nonce>.<client_id>.<hmac-sha256>` (CONTRACT 2).
///
/// `ts` are the seconds since 1970 of its issue, the nonce and the signature are hexadecimal. A client id may contain
/// dots: it is what stands between the second and the last one. The signature is over all that stands before it.
package struct ReconnectToken: Equatable, Sendable {
  package let issued: Int64
  package let nonce: String
  package let client: ClientID
  /// Thirty-two bytes.
  package let signature: [UInt8]

  package static let nonceBytes = 16
  package static let signatureBytes = 32
  private static let longest = 20 + 2 * nonceBytes + ClientID.longest + 2 * signatureBytes + 3

  /// `sign` answers with the HMAC of what it is given.
  package init(issued: Int64, nonce: [UInt8], client: ClientID, sign: (Span<UInt8>) -> [UInt8]) {
    precondition(nonce.count == Self.nonceBytes, "a nonce has \(Self.nonceBytes) bytes")
    self.issued = issued
    self.nonce = Hexadecimal.encode(nonce)
    self.client = client
    let claims = Array("\(issued).\(self.nonce).\(client)".utf8)
    signature = sign(claims.span)
  }

  /// Nil for what none of us has ever issued.
  package init?(_ text: String) {
    guard text.utf8.count <= Self.longest else { return nil }
    let bytes = Array(text.utf8)
    let dot = UInt8(ascii: ".")
    guard let first = bytes.firstIndex(of: dot), let last = bytes.lastIndex(of: dot),
      let second = bytes[(first + 1)...].firstIndex(of: dot), second < last
    else { return nil }
    let digits = String(decoding: bytes[..<first], as: UTF8.self)
    // One way to write a number, so that one token is one text.
    guard let issued = Int64(digits), issued >= 0, String(issued) == digits,
      let nonce = Hexadecimal.decode(bytes[(first + 1)..<second]), nonce.count == Self.nonceBytes,
      let client = ClientID(String(decoding: bytes[(second + 1)..<last], as: UTF8.self)),
      let signature = Hexadecimal.decode(bytes[(last + 1)...]), signature.count == Self.signatureBytes
    else { return nil }
    self.issued = issued
    self.nonce = Hexadecimal.encode(nonce)
    self.client = client
    self.signature = signature
  }

  /// What is signed.
  package var claims: String { "\(issued).\(nonce).\(client)" }

  package var text: String { "\(claims).\(Hexadecimal.encode(signature))" }
}

/// Lower case, and nothing else is read: one value has one text.
package enum Hexadecimal {
  private static let digits = Array("0123456789abcdef".utf8)

  package static func encode(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    if text.count % 2 != 0 { return nil }
    var bytes: [UInt8] = []
    var high: UInt8?
    for digit in text {
      guard let value = value(of: digit) else { return nil }
      if let first = high {
        bytes.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    return bytes
  }

  private static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}
