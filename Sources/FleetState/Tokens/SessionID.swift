import Bytes

/// The name of a chat session: a UUID, in lower case whatever it came in.
package struct SessionID: Hashable, Sendable, CustomStringConvertible {
  package let text: String

  package static let byteCount = 16

  /// Nil for anything but the 36 characters of a UUID.
  package init?(_ text: some StringProtocol) {
    let text = text.lowercased()
    let groups = text.split(separator: "-", omittingEmptySubsequences: false)
    guard groups.map(\.utf8.count) == [8, 4, 4, 4, 12],
      groups.allSatisfy({ Hexadecimal.decode($0.utf8) != nil })
    else { return nil }
    self.text = text
  }

  /// A new one (RFC 9562, version 4) from sixteen bytes that nobody can guess.
  package init(random bytes: [UInt8]) {
    precondition(bytes.count == Self.byteCount, "a UUID has \(Self.byteCount) bytes")
    var bytes = bytes
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    let parts = [bytes[0..<4], bytes[4..<6], bytes[6..<8], bytes[8..<10], bytes[10..<16]]
    text = parts.map { Hexadecimal.encode(Array($0)) }.joined(separator: "-")
  }

  package var description: String { text }
}
