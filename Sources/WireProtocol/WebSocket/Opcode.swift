/// What a frame is for (RFC 6455 §5.2). The ten other values are reserved and refused.
public enum Opcode: UInt8, BitwiseCopyable, Sendable {
  case continuation = 0x0
  case text = 0x1
  case binary = 0x2
  case close = 0x8
  case ping = 0x9
  case pong = 0xA

  /// Control frames are short, never fragmented, and may come between the fragments of a message.
  @inlinable public var isControl: Bool { rawValue & 0x8 != 0 }
}
