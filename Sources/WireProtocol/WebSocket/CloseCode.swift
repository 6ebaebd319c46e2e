/// The number a close frame says goodbye with (RFC 6455 §7.4 and the registry that grew from it).
public struct CloseCode: RawRepresentable, Hashable, BitwiseCopyable, Sendable, ExpressibleByIntegerLiteral {
  public let rawValue: UInt16

  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }
  @inlinable public init(integerLiteral value: UInt16) { rawValue = value }

  @inlinable public static var normal: CloseCode { 1000 }
  @inlinable public static var goingAway: CloseCode { 1001 }
  @inlinable public static var protocolError: CloseCode { 1002 }
  @inlinable public static var unsupportedData: CloseCode { 1003 }
  @inlinable public static var invalidPayload: CloseCode { 1007 }
  @inlinable public static var policyViolation: CloseCode { 1008 }
  @inlinable public static var messageTooBig: CloseCode { 1009 }
  @inlinable public static var extensionMissing: CloseCode { 1010 }
  @inlinable public static var internalError: CloseCode { 1011 }
  @inlinable public static var serviceRestart: CloseCode { 1012 }
  @inlinable public static var tryAgainLater: CloseCode { 1013 }
  @inlinable public static var badGateway: CloseCode { 1014 }

  /// Whether a frame may carry it. 1004 is reserved, 1005, 1006 and 1015 only ever describe what did not
  /// arrive, 1016–2999 wait for a future standard, 3000–3999 are registered and 4000–4999 anyone's.
  public var isAllowedOnTheWire: Bool {
    switch rawValue {
    case 1000...1003, 1007...1014, 3000...4999: true
    default: false
    }
  }
}
