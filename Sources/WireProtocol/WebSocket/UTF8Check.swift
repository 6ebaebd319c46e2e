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
        next = scalarsEnd(in: bytes, from: next)
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

/// How far whole scalars surely reach from `start`, found by looks at eight bytes at a time; what is wrong, cut or near
/// the end is left to the caller.
private func scalarsEnd(in bytes: Span<UInt8>, from start: Int) -> Int {
  let high: UInt64 = 0x8080_8080_8080_8080
  let count = bytes.count
  return unsafe bytes.withUnsafeBytes { raw in
    var next = start
    while count &- next >= 8 {
      // SAFETY: 0 <= next <= count - 8.
      let word = unsafe UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: next, as: UInt64.self))
      let length = word & high == 0 ? 8 : scalarLength(UInt32(truncatingIfNeeded: word))
      if length == 0 { return next }
      next &+= length
    }
    // SAFETY: count >= 8. The last eight bytes overlap what was seen, which ended with a scalar.
    if count >= 8, unsafe raw.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self) & high == 0 {
      return count
    }
    return next
  }
}

/// The length of the scalar at the front of four bytes, of which the lowest is the first; 0 where there is none.
@inline(__always)
private func scalarLength(_ bytes: UInt32) -> Int {
  if bytes & 0x80 == 0 { return 1 }
  if bytes & 0xC0E0 == 0x80C0 {
    let isOverlong = bytes & 0x1E == 0
    return isOverlong ? 0 : 2
  }
  if bytes & 0xC0C0F0 == 0x8080E0 {
    // The upper five of its sixteen bits.
    let head = bytes & 0x200F
    let isOverlong = head == 0
    let isSurrogate = head == 0x200D
    return isOverlong || isSurrogate ? 0 : 3
  }
  if bytes & 0xC0C0_C0F8 == 0x8080_80F0 {
    // Its plane: 1 to 16.
    let plane = (bytes & 7) &<< 2 | (bytes &>> 12) & 3
    return 1...16 ~= plane ? 4 : 0
  }
  return 0
}
