extension Conversation {
  /// A data frame up to this many bytes waits in the input until it is whole; a longer one moves to the store
  /// as it comes, so that what the caller keeps stays small.
  @usableFromInline internal static var longestWait: Int { 4096 }

  /// The header at the front of `input`, if it is all there and may come now.
  @inlinable internal func admit(_ input: Span<UInt8>) throws(Violation) -> FrameHeader? {
    guard let header = try FrameHeader.parse(input) else { return nil }
    switch role {
    case .server: if header.mask == nil { throw .maskMissing }
    case .client: if header.mask != nil { throw .maskUnasked }
    }
    if header.isCompressed && (!deflate || header.opcode.isControl || header.opcode == .continuation) {
      throw .reservedBits
    }
    if phase == .open { try admitToMessage(header) }
    return header
  }

  /// Whether the frame fits the message under way, by order and by size.
  @inlinable internal func admitToMessage(_ header: FrameHeader) throws(Violation) {
    switch header.opcode {
    case .close, .ping, .pong:
      return
    case .text, .binary:
      if message != nil { throw .interleavedMessage }
      try admit(length: header.length, held: 0, isCompressed: header.isCompressed)
    case .continuation:
      guard let message else { throw .strayContinuation }
      if message.fragments >= limits.fragments { throw .tooManyFragments }
      try admit(length: header.length, held: message.held, isCompressed: message.isCompressed)
    }
  }

  /// Said from the header alone: whoever announces too much need not send it first.
  @inlinable internal func admit(
    length: Int, held: UInt32, isCompressed: Bool
  ) throws(Violation) {
    let limit = limits.onTheWire(isCompressed: isCompressed)
    if UInt64(held) + UInt64(length) > limit { throw .messageTooBig }
  }

  /// Whether the frame, of which not all is there, is left in the input until it is.
  @inlinable internal func waits(for header: FrameHeader) -> Bool {
    header.length <= Conversation.longestWait - header.size
  }

  @inlinable internal mutating func begin(_ header: FrameHeader) {
    if phase == .open {
      switch header.opcode {
      case .text: message = PartialMessage(kind: .text, isCompressed: header.isCompressed)
      case .binary: message = PartialMessage(kind: .binary, isCompressed: header.isCompressed)
      case .continuation: message?.fragments += 1
      case .close, .ping, .pong: break
      }
    }
    frame = PartialFrame(left: UInt64(header.length), mask: header.mask, isFinal: header.isFinal)
  }

  /// What a close frame says: a code that may be sent and a reason in UTF-8, or nothing at all.
  @usableFromInline internal static func closeCode(
    in payload: Span<UInt8>
  ) throws(Violation) -> CloseCode? {
    if payload.isEmpty { return nil }
    if payload.count == 1 { throw .shortClose }
    let code = CloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
    if !code.isAllowedOnTheWire { throw .closeCodeForbidden }
    if !UTF8Check.isValid(payload.extracting(droppingFirst: 2)) { throw .invalidText }
    return code
  }
}
