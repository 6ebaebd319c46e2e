/// One side of a WebSocket after the handshake: what has been read so far, and what may come next.
///
/// It is plain data without a reference, so that it can lie in a record that two processes share: a copy of
/// it is the whole state, and reading on from an older copy with the same bytes gives the same events again.
/// The bytes of a message that is not complete yet lie in a `MessageStore` beside it.
public struct Conversation: Equatable, BitwiseCopyable, Sendable {
  public enum Role: UInt8, BitwiseCopyable, Sendable {
    case server = 0
    case client = 1
  }

  /// What the peer said. The bytes that come with it are the message, or a close frame's reason.
  public enum Event: Equatable, BitwiseCopyable, Sendable {
    case text
    case binary
    case ping
    case pong
    /// The last event of all. It wants an answer, unless `beginClose` was called before.
    case close(code: CloseCode?)
  }

  public let role: Role
  public let limits: MessageLimits
  /// Whether permessage-deflate was agreed on.
  public let deflate: Bool

  @usableFromInline internal var phase = Phase.open
  @usableFromInline internal var message: PartialMessage?
  @usableFromInline internal var frame: PartialFrame?

  public init(role: Role, limits: MessageLimits = MessageLimits(), deflate: Bool = false) {
    self.role = role
    self.limits = limits
    self.deflate = deflate
  }

  /// We said goodbye, or the peer did: no more messages come.
  @inlinable public var isClosing: Bool { phase != .open }

  /// The peer said goodbye, or broke a rule: nothing more is read.
  @inlinable public var isFinished: Bool { phase == .finished }

  /// How many bytes of the store belong to the message that is not complete yet.
  @inlinable public var held: Int { Int(message?.held ?? 0) }

  /// We have sent a close frame: what still comes is dropped until the peer's own.
  public mutating func beginClose() {
    if phase == .open { phase = .closing }
    message = nil
  }

  @usableFromInline internal enum Phase: UInt8, BitwiseCopyable, Sendable {
    case open = 0
    case closing = 1
    case finished = 2
  }

  /// A message of which some fragments, or some bytes of one, have come.
  @usableFromInline internal struct PartialMessage: Equatable, BitwiseCopyable, Sendable {
    @usableFromInline internal enum Kind: UInt8, BitwiseCopyable, Sendable {
      case text = 0
      case binary = 1
    }

    @usableFromInline internal let kind: Kind
    @usableFromInline internal let isCompressed: Bool
    @usableFromInline internal var held: UInt32 = 0
    @usableFromInline internal var fragments: UInt32 = 1
    @usableFromInline internal var check = UTF8Check()

    @inlinable internal init(kind: Kind, isCompressed: Bool) {
      self.kind = kind
      self.isCompressed = isCompressed
    }

    /// Text that can be checked as it comes; compressed text has to wait for its end.
    @inlinable internal var isPlainText: Bool { kind == .text && !isCompressed }
  }

  /// A data frame whose header has been read and whose payload has not. Without a message beside it, the
  /// payload is dropped.
  @usableFromInline internal struct PartialFrame: Equatable, BitwiseCopyable, Sendable {
    @usableFromInline internal var left: UInt64
    /// For the next byte to come.
    @usableFromInline internal var mask: Mask?
    @usableFromInline internal let isFinal: Bool

    @inlinable internal init(left: UInt64, mask: Mask?, isFinal: Bool) {
      self.left = left
      self.mask = mask
      self.isFinal = isFinal
    }
  }
}
