import Bytes

/// RFC 4648, both alphabets.
public enum Base64 {
  public enum Alphabet: Sendable {
    case standard
    /// `-` and `_`, without padding: for tokens that travel in URLs.
    case url

    fileprivate var letters: StaticString {
      switch self {
      case .standard: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
      case .url: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
      }
    }
  }

  public static func encode(_ bytes: Span<UInt8>, _ alphabet: Alphabet = .standard) -> String {
    let letters = Array(alphabet.letters.description.utf8)
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var index = 0
    while index < bytes.count {
      let left = bytes.count - index
      let group =
        UInt32(bytes[index]) << 16 | (left > 1 ? UInt32(bytes[index + 1]) << 8 : 0)
        | (left > 2 ? UInt32(bytes[index + 2]) : 0)
      let count = min(left, 3) + 1
      for place in 0..<4 {
        if place < count {
          text.append(letters[Int(group >> (18 - 6 * UInt32(place)) & 63)])
        } else if alphabet == .standard {
          text.append(UInt8(ascii: "="))
        }
      }
      index += 3
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Nil for anything but the one way to write those bytes.
  public static func decode(_ text: String, _ alphabet: Alphabet = .standard) -> [UInt8]? {
    var digits = Array(text.utf8)
    if alphabet == .standard {
      guard digits.count % 4 == 0 else { return nil }
      for _ in 0..<2 where digits.last == UInt8(ascii: "=") { digits.removeLast() }
    }
    let letters = Array(alphabet.letters.description.utf8)
    var bytes: [UInt8] = []
    var held: UInt32 = 0
    var bits = 0
    for digit in digits {
      guard let value = letters.firstIndex(of: digit) else { return nil }
      held = held << 6 | UInt32(value)
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: held >> UInt32(bits)))
      }
    }
    // A whole byte of leftovers, or bits that are not zero: another text for the same bytes.
    if bits >= 6 || held & (1 << UInt32(bits) - 1) != 0 { return nil }
    return bytes
  }
}
