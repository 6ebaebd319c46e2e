/// What a client calls itself: 1 to 64 bytes of text that can stand in a path, a key and a line of the bus.
///
/// No white space, no control character, nothing that changes the direction of text, no `/`.
public struct ClientID: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let text: String

  public static let longest = 64

  public init?(_ text: some StringProtocol) {
    guard !text.isEmpty, text.utf8.count <= Self.longest, text.unicodeScalars.allSatisfy(Self.allows) else {
      return nil
    }
    self.text = String(text)
  }

  public init?(_ bytes: Span<UInt8>) {
    guard !bytes.isEmpty, bytes.count <= Self.longest, let text = try? UTF8Span(validating: bytes) else {
      return nil
    }
    self.init(String(copying: text))
  }

  public var description: String { text }

  // Byte for byte, as Redis compares them: to Swift's texts `é` in one scalar and in two are the same.
  public static func == (a: ClientID, b: ClientID) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }
  public static func < (a: ClientID, b: ClientID) -> Bool {
    a.text.utf8.lexicographicallyPrecedes(b.text.utf8)
  }

  public func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
  }

  private static func allows(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x20, 0x7F...0xA0, UInt32(UInt8(ascii: "/")): false
    case 0x061C, 0x200B...0x200F, 0x2028...0x202F, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB: false
    default: !scalar.properties.isWhitespace
    }
  }
}
