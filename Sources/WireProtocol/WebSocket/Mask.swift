/// The four bytes a client's payload is XORed with (RFC 6455 §5.3).
///
/// Payload is never unmasked where it lies: input may be shared with another process and read again after a
/// crash. Masking is always part of a copy, eight bytes at a time.
public struct Mask: Equatable, BitwiseCopyable, Sendable {
  /// The first byte on the wire is the lowest.
  public let key: UInt32

  @inlinable public init(_ key: UInt32) { self.key = key }

  @inlinable public init(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) {
    key = UInt32(first) | UInt32(second) << 8 | UInt32(third) << 16 | UInt32(fourth) << 24
  }

  /// The mask for what follows `count` bytes already masked.
  @inlinable public func rotated(by count: Int) -> Mask {
    let bits = UInt32(truncatingIfNeeded: count & 3) &* 8
    return Mask(key &>> bits | key &<< (0 &- bits))  // &<< counts modulo 32, so by zero is by zero
  }

  /// Writes `source`, masked, to the front of `target`.
  @inlinable public func copy(_ source: Span<UInt8>, into target: inout MutableSpan<UInt8>) {
    let count = source.count
    precondition(count <= target.count, "more bytes to mask than there is room for")
    unsafe source.withUnsafeBytes { source in
      unsafe target.withUnsafeMutableBytes { target in
        // SAFETY: `source` holds `count` bytes and `target` at least as many, both for the length of this
        // call; `target` is ours alone, so the two do not overlap.
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        unsafe copyMasked(count, from: from, to: to, mask: self)
      }
    }
  }
}

/// `to[i] = from[i] ^ mask[i % 4]`. Neither pointer needs an alignment.
@unsafe @inlinable
internal func copyMasked(
  _ count: Int, from: UnsafeRawPointer, to: UnsafeMutableRawPointer, mask: Mask
) {
  let word = (UInt64(mask.key) | UInt64(mask.key) << 32).littleEndian
  // Counted in words, with nothing that could overflow: this is a loop the compiler makes vectors of.
  let words = count &>> 3
  var index = 0
  while index < words {
    // SAFETY: index < count / 8.
    let bytes = unsafe from.loadUnaligned(fromByteOffset: index &<< 3, as: UInt64.self)
    unsafe to.storeBytes(of: bytes ^ word, toByteOffset: index &<< 3, as: UInt64.self)
    index &+= 1
  }
  var done = words &<< 3
  if done == count { return }
  if count >= 8 {
    // The last eight once more: some are written twice, with the same bytes.
    let last = count - 8
    let key = mask.rotated(by: last).key
    let bytes = unsafe from.loadUnaligned(fromByteOffset: last, as: UInt64.self)
    let shifted = (UInt64(key) | UInt64(key) << 32).littleEndian
    unsafe to.storeBytes(of: bytes ^ shifted, toByteOffset: last, as: UInt64.self)
    return
  }
  while done < count {
    let byte = UInt8(truncatingIfNeeded: mask.key &>> UInt32(truncatingIfNeeded: done &* 8))
    // SAFETY: done < count.
    unsafe to.storeBytes(
      of: from.load(fromByteOffset: done, as: UInt8.self) ^ byte, toByteOffset: done, as: UInt8.self)
    done &+= 1
  }
}
