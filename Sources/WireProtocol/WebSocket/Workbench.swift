public import Bytes

/// The scratch memory of one event loop, lent to whichever conversation is reading. What is emitted may lie
/// here, so whoever handles an event must not let another conversation read on the same bench.
public final class Workbench {
  @usableFromInline internal var unmasked = ByteBuffer(capacity: 4096)
  @usableFromInline internal var inflated = ByteBuffer()
  @usableFromInline internal let inflater: (any Inflater)?

  /// What a burst may leave behind; more is given back after the message.
  @usableFromInline internal static var kept: Int { 64 << 10 }

  public init(inflater: (any Inflater)? = nil) { self.inflater = inflater }

  /// Lends `body` the bytes of `payload` without their mask.
  @inlinable internal func unmask<Result>(
    _ payload: Span<UInt8>, _ mask: Mask, _ body: (Span<UInt8>) throws(Violation) -> Result
  ) throws(Violation) -> Result {
    unmasked.clear()
    let count = payload.count
    unmasked.append(upTo: count) { room in
      mask.copy(payload, into: &room)
      return count
    }
    return try lend(unmasked, to: body)
  }

  /// Lends `body` the bytes that come out of `payload`.
  @inlinable internal func inflate<Result>(
    _ payload: Span<UInt8>, limit: Int, _ body: (Span<UInt8>) throws(Violation) -> Result
  ) throws(Violation) -> Result {
    try inflate(payload, limit: limit)
    return try lend(inflated, to: body)
  }

  @usableFromInline internal func inflate(_ payload: Span<UInt8>, limit: Int) throws(Violation) {
    guard let inflater else { throw .noInflater }
    inflated.clear()
    do throws(InflateError) {
      try inflater.inflate(payload, limit: limit, into: &inflated)
    } catch {
      switch error {
      case .tooBig: throw .messageTooBig
      case .broken: throw .brokenCompression
      case .noMemory: throw .noRoom
      }
    }
  }

  @inlinable internal func tidy() {
    if unmasked.capacity > Workbench.kept || inflated.capacity > Workbench.kept { shrink() }
  }

  @usableFromInline internal func shrink() {
    unmasked.clear()
    unmasked.trim(above: Workbench.kept)
    inflated.clear()
    inflated.trim(above: Workbench.kept)
  }
}

/// A span of a class' buffer lives as long as one access to it, and this call is that access.
@inlinable internal func lend<Result>(
  _ buffer: borrowing ByteBuffer, to body: (Span<UInt8>) throws(Violation) -> Result
) throws(Violation) -> Result {
  try body(buffer.bytes)
}
