/// How much one peer may make us hold.
public struct MessageLimits: Equatable, BitwiseCopyable, Sendable {
  /// Bytes of one message, after inflating. More is answered with 1009.
  public let message: UInt32
  /// Frames of one message. Empty ones cost no memory, but somebody has to read them.
  public let fragments: UInt32

  /// Both are kept in 32 bits; what is larger is cut to them.
  public init(message: Int = 1 << 20, fragments: Int = 1 << 17) {
    self.message = UInt32(clamping: message)
    self.fragments = UInt32(clamping: fragments)
  }

  /// Bytes of one message on the wire. Data that does not compress grows when it is deflated, at worst by a
  /// seventh (zlib's `deflateBound`), and still must pass.
  @usableFromInline internal func onTheWire(isCompressed: Bool) -> UInt64 {
    let limit = UInt64(message)
    return isCompressed ? min(limit + limit / 7 + 64, UInt64(UInt32.max)) : limit
  }
}
