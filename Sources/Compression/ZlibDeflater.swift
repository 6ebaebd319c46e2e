public import Bytes
internal import CZlib
public import WireProtocol

/// Deflates messages for permessage-deflate, each from a fresh start; about 256 KiB with 15 bits.
public final class ZlibDeflater: Deflater {
  private var stream: ZlibStream

  /// `windowBits` may be less than what was agreed on, never more. Level 1 costs a third of the default 6
  /// and loses little on short messages.
  public init(windowBits: Int = 15, level: Int = 1) throws(DeflateError) {
    precondition((9...15).contains(windowBits), "zlib deflates with 9 to 15 bits")
    precondition((1...9).contains(level), "a level is 1 to 9")
    guard let stream = ZlibStream.deflating(windowBits: windowBits, level: level) else { throw .noMemory }
    self.stream = stream
  }

  /// Whether a message of `count` bytes is worth the try: a short one hardly shrinks and fits one packet.
  public static func shouldCompress(_ count: Int) -> Bool { count >= 128 }

  public func deflate(_ payload: Span<UInt8>, into out: inout ByteBuffer) throws(DeflateError) {
    if payload.count > ZlibStream.longestStep / 2 { throw .tooBig }
    // SAFETY: zlib's record is lent for the length of each call, by its only owner.
    _ = unsafe stream.ask { unsafe deflateReset($0) }
    // Enough for any payload, so one step is nearly always all; 10 more for the flush.
    let bound = unsafe stream.ask { unsafe Int(deflateBound($0, UInt(payload.count))) } + 10
    var taken = 0
    while true {
      let rest = payload.extracting(droppingFirst: taken)
      let step = unsafe stream.run(rest, into: &out, room: bound) {
        unsafe CZlib.deflate($0, Z_SYNC_FLUSH)
      }
      taken += step.taken
      if step.made < bound { break }
    }
    // A flush ends in 00 00 FF FF, which is left out on the wire (RFC 7692 §7.2.1).
    out.truncate(to: out.count - 4)
  }
}
