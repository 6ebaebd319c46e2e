/// What a peer did wrong, or what we could not do for it; the conversation is over either way.
/// `code` and `reason` are what the close frame should say.
public enum Violation: Error, Equatable, BitwiseCopyable, Sendable, CaseIterable {
  case reservedBits
  case reservedOpcode
  case fragmentedControl
  case longControl
  case paddedLength
  case hugeLength
  case maskMissing
  case maskUnasked
  case strayContinuation
  case interleavedMessage
  case invalidText
  case messageTooBig
  case tooManyFragments
  case shortClose
  case closeCodeForbidden
  case brokenCompression
  case noRoom
  case noInflater
  case partLost

  public var code: CloseCode {
    switch self {
    case .reservedBits, .reservedOpcode, .fragmentedControl, .longControl, .paddedLength, .hugeLength,
      .maskMissing, .maskUnasked, .strayContinuation, .interleavedMessage, .shortClose, .closeCodeForbidden:
      .protocolError
    case .invalidText, .brokenCompression: .invalidPayload
    case .messageTooBig, .tooManyFragments: .messageTooBig
    case .noRoom, .noInflater, .partLost: .internalError
    }
  }

  public var reason: String {
    switch self {
    case .reservedBits: "a reserved bit is set"
    case .reservedOpcode: "reserved opcode"
    case .fragmentedControl: "a control frame may not be fragmented"
    case .longControl: "a control frame holds at most 125 bytes"
    case .paddedLength: "the length is not in its shortest form"
    case .hugeLength: "the length's first bit is set"
    case .maskMissing: "frames of a client must be masked"
    case .maskUnasked: "frames of a server may not be masked"
    case .strayContinuation: "a continuation without a message"
    case .interleavedMessage: "a new message before the last one ended"
    case .invalidText: "text is not UTF-8"
    case .messageTooBig: "the message is too big"
    case .tooManyFragments: "the message has too many fragments"
    case .shortClose: "a close frame of one byte"
    case .closeCodeForbidden: "this close code may not be sent"
    case .brokenCompression: "compressed data is broken"
    case .noRoom: "no memory for the message"
    case .noInflater: "compressed messages cannot be read here"
    case .partLost: "the first part of the message was lost"
    }
  }
}
