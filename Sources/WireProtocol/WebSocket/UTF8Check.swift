/// Checks text for UTF-8 as it arrives, cut wherever it may be, and says no at the first byte that cannot be
/// right: no surrogates, no overlong forms, nothing above U+10FFFF (Unicode, table 3-7).
public struct UTF8Check: Equatable, BitwiseCopyable, Sendable {
  @usableFromInline internal var expectation = Expectation.scalar

  @inlinable public init() {}

  /// False while the text ends inside a scalar.
  @inlinable public var isComplete: Bool { expectation == .scalar }

  /// Takes the next bytes; false as soon as they cannot be UTF-8, whatever may follow.
  public mutating func accept(_ bytes: Span<UInt8>) -> Bool {
    let count = bytes.count
    var next = 0
    while next < count {
      if expectation == .scalar {
        next = asciiEnd(in: bytes, from: next)
        if next == count { return true }
      }
      guard let following = expectation.following(bytes[next]) else { return false }
      expectation = following
      next &+= 1
    }
    return true
  }

  /// Whether the bytes are UTF-8 from beginning to end.
  public static func isValid(_ bytes: Span<UInt8>) -> Bool {
    var check = UTF8Check()
    return check.accept(bytes) && check.isComplete
  }

  internal init(expectation: Expectation) { self.expectation = expectation }

  /// What the next byte may be. The raw values are part of the frozen form of a conversation.
  @usableFromInline internal enum Expectation: UInt8, BitwiseCopyable, Sendable {
    case scalar = 0
    case one = 1
    case two = 2
    case three = 3
    case afterE0 = 4
    case afterED = 5
    case afterF0 = 6
    case afterF4 = 7

    internal func following(_ byte: UInt8) -> Expectation? {
      switch self {
      case .scalar: Expectation(lead: byte)
      case .one: 0x80...0xBF ~= byte ? .scalar : nil
      case .two: 0x80...0xBF ~= byte ? .one : nil
      case .three: 0x80...0xBF ~= byte ? .two : nil
      case .afterE0: 0xA0...0xBF ~= byte ? .one : nil  // below: overlong
      case .afterED: 0x80...0x9F ~= byte ? .one : nil  // above: a surrogate
      case .afterF0: 0x90...0xBF ~= byte ? .two : nil  // below: overlong
      case .afterF4: 0x80...0x8F ~= byte ? .two : nil  // above: beyond U+10FFFF
      }
    }

    private init?(lead byte: UInt8) {
      switch byte {
      case 0x00...0x7F: self = .scalar
      case 0xC2...0xDF: self = .one
      case 0xE0: self = .afterE0
      case 0xED: self = .afterED
      case 0xE1...0xEC, 0xEE, 0xEF: self = .two
      case 0xF0: self = .afterF0
      case 0xF1...0xF3: self = .three
      case 0xF4: self = .afterF4
      default: return nil
      }
    }
  }
}

/// Where the run of ASCII that starts at `start` surely reaches, found eight bytes at a time; it may go on a
/// few bytes more.
private func asciiEnd(in bytes: Span<UInt8>, from start: Int) -> Int {
  let high: UInt64 = 0x8080_8080_8080_8080
  let count = bytes.count
  return unsafe bytes.withUnsafeBytes { raw in
    var next = start
    while count - next >= 8 {
      // SAFETY: 0 <= next <= count - 8.
      if unsafe raw.loadUnaligned(fromByteOffset: next, as: UInt64.self) & high != 0 { return next }
      next &+= 8
    }
    // SAFETY: count >= 8. The last eight bytes overlap what was seen, which was ASCII.
    if count >= 8, unsafe raw.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self) & high == 0 {
      return count
    }
    return next
  }
}
