import Bytes

// The alphabet of RFC 9110 §5.6, for heads, lists and parameters alike.

extension UInt8 {
  static let carriageReturn = UInt8(ascii: "\r")
  static let lineFeed = UInt8(ascii: "\n")
  static let space = UInt8(ascii: " ")
  static let tab = UInt8(ascii: "\t")

  /// A letter of a token: a method, a field name, a subprotocol.
  var isTokenLetter: Bool {
    switch self {
    case 0x61...0x7A, 0x41...0x5A, 0x30...0x39: true  // a-z A-Z 0-9
    // ! # $ % & ' * + - . ^ _ ` | ~
    case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
    default: false
    }
  }

  var isBlank: Bool { self == .space || self == .tab }
  var isVisible: Bool { self > 0x20 && self < 0x7F }

  /// What may stand in a field value: everything but controls; the tab is allowed.
  var isFieldText: Bool { self >= 0x20 && self != 0x7F || self == .tab }

  var decimalDigit: UInt8? { self &- 0x30 < 10 ? self &- 0x30 : nil }

  var hexDigit: UInt8? {
    switch self {
    case 0x30...0x39: self &- 0x30
    case 0x41...0x46: self &- 0x37
    case 0x61...0x66: self &- 0x57
    default: nil
    }
  }
}

extension Span<UInt8> {
  var isToken: Bool {
    for index in indices where !self[index].isTokenLetter { return false }
    return !isEmpty
  }

  /// `range` without the blanks at both of its ends.
  func trimmed(_ range: Range<Int>) -> Range<Int> {
    var lower = range.lowerBound
    var upper = range.upperBound
    while lower < upper, self[lower].isBlank { lower += 1 }
    while lower < upper, self[upper - 1].isBlank { upper -= 1 }
    return lower..<upper
  }

  /// The bytes as text; what is not UTF-8 becomes U+FFFD.
  var text: String {
    guard let sound = try? UTF8Span(validating: self) else {
      return String(decoding: copied(), as: UTF8.self)
    }
    return String(copying: sound)
  }
}

extension [UInt8] {
  mutating func append(copying span: Span<UInt8>) {
    // SAFETY: the buffer is read only inside the closure, while `span` keeps it alive.
    unsafe span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }
}
