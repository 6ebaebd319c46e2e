public import Bytes

/// The 2 to 14 bytes in front of a frame's payload (RFC 6455 §5.2), read and written.
public struct FrameHeader: Equatable, BitwiseCopyable, Sendable {
  public var opcode: Opcode
  public var isFinal: Bool
  /// RSV1: permessage-deflate's sign on the first frame of a compressed message (RFC 7692 §6).
  public var isCompressed: Bool
  /// Bytes of payload that follow; never negative.
  public var length: Int
  public var mask: Mask?

  @inlinable public init(
    _ opcode: Opcode, length: Int, mask: Mask? = nil, isFinal: Bool = true, isCompressed: Bool = false
  ) {
    precondition(length >= 0, "a frame of negative length")
    self.opcode = opcode
    self.isFinal = isFinal
    self.isCompressed = isCompressed
    self.length = length
    self.mask = mask
  }

  /// The longest header there is: two bytes, a length of eight, a mask of four.
  @inlinable public static var longest: Int { 14 }

  /// How many bytes the header itself takes on the wire.
  @inlinable public var size: Int {
    let lengthBytes = length < 126 ? 0 : length <= 0xFFFF ? 2 : 8
    return 2 + lengthBytes + (mask == nil ? 0 : 4)
  }

  /// Reads the header at the front of `bytes`; nil asks for more of them. What is wrong is said as soon as
  /// the byte that is wrong is there.
  @inlinable public static func parse(_ bytes: Span<UInt8>) throws(Violation) -> FrameHeader? {
    if bytes.isEmpty { return nil }
    let first = bytes[0]
    if first & 0x30 != 0 { throw .reservedBits }
    guard let opcode = Opcode(rawValue: first & 0x0F) else { throw .reservedOpcode }
    let isFinal = first & 0x80 != 0
    if opcode.isControl && !isFinal { throw .fragmentedControl }
    if bytes.count < 2 { return nil }

    let short = Int(bytes[1] & 0x7F)
    if opcode.isControl && short > 125 { throw .longControl }
    let lengthEnd = short < 126 ? 2 : short == 126 ? 4 : 10
    if bytes.count < lengthEnd { return nil }
    let length = short < 126 ? short : try longLength(bytes.extracting(2..<lengthEnd))

    var header = FrameHeader(opcode, length: length, isFinal: isFinal, isCompressed: first & 0x40 != 0)
    if bytes[1] & 0x80 != 0 {
      if bytes.count < lengthEnd + 4 { return nil }
      header.mask = Mask(
        bytes[lengthEnd], bytes[lengthEnd + 1], bytes[lengthEnd + 2], bytes[lengthEnd + 3])
    }
    return header
  }

  /// A length of two or eight bytes, most significant first. It must need them, and fit 63 bits.
  @usableFromInline internal static func longLength(_ bytes: Span<UInt8>) throws(Violation) -> Int {
    var value: UInt64 = 0
    for index in bytes.indices { value = value << 8 | UInt64(bytes[index]) }
    if value > UInt64(Int64.max) { throw .hugeLength }
    if value < 126 || (bytes.count == 8 && value <= 0xFFFF) { throw .paddedLength }
    return Int(value)
  }

  @inlinable public func render(into out: inout ByteBuffer) {
    out.append(upTo: FrameHeader.longest) { room in
      room[0] = opcode.rawValue | (isFinal ? 0x80 : 0) | (isCompressed ? 0x40 : 0)
      let masked: UInt8 = mask == nil ? 0 : 0x80
      var end = 2
      if length < 126 {
        room[1] = masked | UInt8(truncatingIfNeeded: length)
      } else {
        let wide = length > 0xFFFF
        room[1] = masked | (wide ? 127 : 126)
        end = wide ? 10 : 4
        for index in 2..<end {
          room[index] = UInt8(truncatingIfNeeded: length &>> (8 &* (end &- 1 &- index)))
        }
      }
      guard let mask else { return end }
      for index in 0..<4 { room[end + index] = UInt8(truncatingIfNeeded: mask.key &>> UInt32(8 &* index)) }
      return end + 4
    }
  }
}
