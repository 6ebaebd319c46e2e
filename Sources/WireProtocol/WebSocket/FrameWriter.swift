public import Bytes

/// Whole frames, appended to what goes out. A server passes no mask, a client a fresh random one per frame.
public enum FrameWriter {
  /// `payload` as one frame; `compressed` says it is deflated already.
  @inlinable public static func append(
    _ opcode: Opcode, _ payload: Span<UInt8>, mask: Mask? = nil, isFinal: Bool = true,
    compressed: Bool = false, into out: inout ByteBuffer
  ) {
    precondition(!opcode.isControl || payload.count <= 125, "a control frame holds at most 125 bytes")
    let count = payload.count
    out.reserve(FrameHeader.longest + count)
    appendHeader(
      opcode, forCount: count, mask: mask, isFinal: isFinal, compressed: compressed, into: &out)
    guard let mask else { return out.append(payload) }
    out.append(upTo: count) { room in
      mask.copy(payload, into: &room)
      return count
    }
  }

  /// The header alone, for a payload of `count` bytes that is sent from where it lies.
  @inlinable public static func appendHeader(
    _ opcode: Opcode, forCount count: Int, mask: Mask? = nil, isFinal: Bool = true,
    compressed: Bool = false, into out: inout ByteBuffer
  ) {
    let header = FrameHeader(
      opcode, length: count, mask: mask, isFinal: isFinal, isCompressed: compressed)
    header.render(into: &out)
  }

  /// A close frame. Without a code it is empty; a reason over 123 bytes is cut between two scalars.
  public static func appendClose(
    _ code: CloseCode?, reason: String = "", mask: Mask? = nil, into out: inout ByteBuffer
  ) {
    guard let code else { return append(.close, Span(), mask: mask, into: &out) }
    precondition(code.isAllowedOnTheWire, "a close code that may not be sent")
    var payload: [UInt8] = [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xFF)]
    for scalar in reason.unicodeScalars {
      let encoded = UTF8.width(scalar)
      if payload.count + encoded > 125 { break }
      payload.append(contentsOf: scalar.utf8)
    }
    append(.close, payload.span, mask: mask, into: &out)
  }

  /// The answer to a close frame that came first: the same code back (RFC 6455 §5.5.1).
  public static func appendCloseAnswer(
    to code: CloseCode?, mask: Mask? = nil, into out: inout ByteBuffer
  ) {
    appendClose(code, mask: mask, into: &out)
  }

  /// The close frame that tells a peer what it did wrong.
  public static func appendClose(
    for violation: Violation, mask: Mask? = nil, into out: inout ByteBuffer
  ) {
    appendClose(violation.code, reason: violation.reason, mask: mask, into: &out)
  }
}
