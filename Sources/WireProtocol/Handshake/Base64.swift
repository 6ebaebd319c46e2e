import Bytes

/// Just as much base64 as a handshake needs: out for the keys, in to check their shape.
enum Base64 {
  static func encode(_ bytes: Span<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var index = 0
    while index < bytes.count {
      let left = bytes.count - index
      let first = UInt32(bytes[index]) << 16
      let second = left > 1 ? UInt32(bytes[index + 1]) << 8 : 0
      let third = left > 2 ? UInt32(bytes[index + 2]) : 0
      let group = first | second | third
      text.append(letter(group >> 18))
      text.append(letter(group >> 12))
      text.append(left > 1 ? letter(group >> 6) : UInt8(ascii: "="))
      text.append(left > 2 ? letter(group) : UInt8(ascii: "="))
      index += 3
    }
    return text
  }

  /// Whether `text` decodes to sixteen bytes: 22 letters and two pads. The four bits that are left over in the
  /// last letter may be anything: some clients send a constant made up by hand.
  static func isSixteenBytes(_ text: Span<UInt8>) -> Bool {
    guard text.count == 24, text[22] == UInt8(ascii: "="), text[23] == UInt8(ascii: "=") else { return false }
    for index in 0..<22 where !isLetter(text[index]) { return false }
    return true
  }

  private static func letter(_ value: UInt32) -> UInt8 {
    switch UInt8(truncatingIfNeeded: value & 63) {
    case let digit where digit < 26: 0x41 + digit  // A-Z
    case let digit where digit < 52: 0x61 + digit - 26  // a-z
    case let digit where digit < 62: 0x30 + digit - 52  // 0-9
    case 62: UInt8(ascii: "+")
    default: UInt8(ascii: "/")
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, 0x2B, 0x2F: true  // A-Z a-z 0-9 + /
    default: false
    }
  }
}
