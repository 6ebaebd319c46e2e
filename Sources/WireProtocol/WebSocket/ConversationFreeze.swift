public import Bytes

/// Why a frozen conversation was not taken.
public enum ThawError: Error, Equatable, Sendable {
  case unknownVersion
  case wrongSize
  /// A field, or two together, that no conversation ever has.
  case impossible
}

/// The frozen form, for a process whose memory is laid out differently: 36 bytes, numbers lowest byte first.
///
///      0 version     1 role     2 deflate     3 phase     4 message limit (4)     8 fragment limit (4)
///     12 message: 0 none, 1 text, 2 binary   13 is it compressed   14 UTF-8 state
///     15 frame: 1 present, 2 final, 4 masked 16 held (4)   20 fragments (4)   24 mask (4)   28 left (8)
///
/// What is absent is zero. The store's bytes travel beside it, `held` of them.
extension Conversation {
  public static var frozenSize: Int { 36 }

  public func freeze(into out: inout ByteBuffer) {
    out.append(Conversation.frozenVersion)
    out.append(role.rawValue)
    out.append(deflate ? 1 : 0)
    out.append(phase.rawValue)
    out.append(littleEndian: UInt64(limits.message), bytes: 4)
    out.append(littleEndian: UInt64(limits.fragments), bytes: 4)
    out.append(message.map { $0.kind.rawValue + 1 } ?? 0)
    out.append(message?.isCompressed == true ? 1 : 0)
    out.append(message?.check.expectation.rawValue ?? 0)
    out.append(frame.map { 1 | ($0.isFinal ? 2 : 0) | ($0.mask == nil ? 0 : 4) } ?? 0)
    out.append(littleEndian: UInt64(message?.held ?? 0), bytes: 4)
    out.append(littleEndian: UInt64(message?.fragments ?? 0), bytes: 4)
    out.append(littleEndian: UInt64(frame?.mask?.key ?? 0), bytes: 4)
    out.append(littleEndian: frame?.left ?? 0, bytes: 8)
  }

  /// Takes exactly what `freeze` wrote; anything a conversation could not have written is refused.
  public init(thawing bytes: Span<UInt8>) throws(ThawError) {
    guard bytes.count > 0, bytes[0] == Conversation.frozenVersion else { throw .unknownVersion }
    guard bytes.count == Conversation.frozenSize else { throw .wrongSize }
    guard let role = Role(rawValue: bytes[1]), bytes[2] < 2, let phase = Phase(rawValue: bytes[3]) else {
      throw .impossible
    }
    let limits = MessageLimits(
      message: Int(bytes.littleEndian(at: 4, bytes: 4)), fragments: Int(bytes.littleEndian(at: 8, bytes: 4)))
    self.init(role: role, limits: limits, deflate: bytes[2] == 1)
    self.phase = phase
    message = try Conversation.thawMessage(bytes)
    frame = try Conversation.thawFrame(bytes)
    if !isPossible { throw .impossible }
  }

  private static var frozenVersion: UInt8 { 1 }

  private static func thawMessage(_ bytes: Span<UInt8>) throws(ThawError) -> PartialMessage? {
    let held = UInt32(bytes.littleEndian(at: 16, bytes: 4))
    let fragments = UInt32(bytes.littleEndian(at: 20, bytes: 4))
    guard let expectation = UTF8Check.Expectation(rawValue: bytes[14]), bytes[13] < 2 else {
      throw .impossible
    }
    if bytes[12] == 0 {
      if bytes[13] != 0 || bytes[14] != 0 || held != 0 || fragments != 0 { throw .impossible }
      return nil
    }
    guard let kind = PartialMessage.Kind(rawValue: bytes[12] - 1) else { throw .impossible }
    var message = PartialMessage(kind: kind, isCompressed: bytes[13] == 1)
    message.held = held
    message.fragments = fragments
    message.check = UTF8Check(expectation: expectation)
    return message
  }

  private static func thawFrame(_ bytes: Span<UInt8>) throws(ThawError) -> PartialFrame? {
    let flags = bytes[15]
    let key = UInt32(bytes.littleEndian(at: 24, bytes: 4))
    let left = bytes.littleEndian(at: 28, bytes: 8)
    if flags == 0 && key == 0 && left == 0 { return nil }
    let isMasked = flags & 4 != 0
    guard flags & 1 != 0, flags < 8, isMasked || key == 0, left > 0, left <= UInt64(Int64.max) else {
      throw .impossible
    }
    return PartialFrame(left: left, mask: isMasked ? Mask(key) : nil, isFinal: flags & 2 != 0)
  }

  /// Whether the parts go together.
  private var isPossible: Bool {
    if let frame {
      if phase == .finished || (phase == .open) != (message != nil) { return false }
      if (frame.mask != nil) != (role == .server) { return false }
    }
    guard let message else { return true }
    if phase != .open || (message.isCompressed && !deflate) { return false }
    if message.fragments < 1 || message.fragments > max(limits.fragments, 1) { return false }
    if !message.check.isComplete && (!message.isPlainText || message.held == 0) { return false }
    let limit = limits.onTheWire(isCompressed: message.isCompressed)
    let held = UInt64(message.held)
    return held <= limit && (frame?.left ?? 0) <= limit - held
  }
}

extension ByteBuffer {
  fileprivate mutating func append(littleEndian value: UInt64, bytes: Int) {
    for index in 0..<bytes { append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))) }
  }
}

extension Span<UInt8> {
  fileprivate func littleEndian(at start: Int, bytes: Int) -> UInt64 {
    var value: UInt64 = 0
    for index in 0..<bytes { value |= UInt64(self[start + index]) << (8 * UInt64(index)) }
    return value
  }
}
