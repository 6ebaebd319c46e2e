public import Bytes
internal import CZlib
public import WireProtocol

/// Inflates messages of permessage-deflate, each from a fresh start; about 42 KiB, whatever comes.
public final class ZlibInflater: Inflater {
  private var stream: ZlibStream

  /// A window of 15 bits reads what a deflater with any window wrote.
  public init(windowBits: Int = 15) throws(InflateError) {
    precondition((8...15).contains(windowBits), "a window has 8 to 15 bits")
    guard let stream = ZlibStream.inflating(windowBits: windowBits) else { throw .noMemory }
    self.stream = stream
  }

  public func inflate(
    _ payload: Span<UInt8>, limit: Int, into out: inout ByteBuffer
  ) throws(InflateError) {
    if payload.count > ZlibStream.longestStep { throw .tooBig }
    // SAFETY: zlib's record is lent for the length of each call, by its only owner.
    _ = unsafe stream.ask { unsafe inflateReset($0) }
    var made = 0
    try read(payload, limit: limit, made: &made, into: &out)
    // The end of the last block, which senders leave out (RFC 7692 §7.2.2).
    let tail: [4 of UInt8] = [0x00, 0x00, 0xFF, 0xFF]
    try read(tail.span, limit: limit, made: &made, into: &out)
    if !isBetweenBlocks { throw .broken }
  }

  /// Inflates all of `input`, also past a block that calls itself the last (RFC 7692 §7.2.3.4).
  private func read(
    _ input: Span<UInt8>, limit: Int, made: inout Int, into out: inout ByteBuffer
  ) throws(InflateError) {
    var taken = 0
    while true {
      let rest = input.extracting(droppingFirst: taken)
      // One byte more than the limit shows that there is more.
      let room = min(limit - made + 1, max(rest.count * 4, 1 << 10), 1 << 18)
      let step = unsafe stream.run(rest, into: &out, room: room) { unsafe CZlib.inflate($0, Z_NO_FLUSH) }
      taken += step.taken
      made += step.made
      if made > limit { throw .tooBig }
      switch step.status {
      case Z_OK, Z_BUF_ERROR:
        // Room left over means that zlib wants more input, and there is none.
        if step.made < room { return }
      case Z_STREAM_END:
        // The window stays: what follows may refer to what came before.
        _ = unsafe stream.ask { unsafe inflateResetKeep($0) }
        if taken == input.count { return }
      case Z_MEM_ERROR:
        throw .noMemory
      default:
        throw .broken
      }
    }
  }

  /// zlib tells it by 128 in `data_type`, and how many bits of the last byte are unread in the bits below 64.
  private var isBetweenBlocks: Bool {
    unsafe stream.ask { record in unsafe record.pointee.data_type & ~64 == 128 }
  }
}
