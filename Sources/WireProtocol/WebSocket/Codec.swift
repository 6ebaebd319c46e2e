public import Bytes

/// permessage-deflate's two halves (RFC 7692), without context takeover: each message stands alone, so one
/// of each serves every socket of an event loop. `Compression` has them over zlib.
public protocol Inflater: AnyObject {
  /// Appends the inflated `payload` to `out`, at most `limit` bytes of it.
  func inflate(_ payload: Span<UInt8>, limit: Int, into out: inout ByteBuffer) throws(InflateError)
}

public enum InflateError: Error, Equatable, Sendable {
  /// More than the limit would come out. `out` holds at most `limit + 1` bytes more than before.
  case tooBig
  /// Not a deflate stream, or not all of one.
  case broken
  case noMemory
}

public protocol Deflater: AnyObject {
  /// Appends the deflated `payload` to `out`, ready to be a frame's payload with RSV1 set.
  func deflate(_ payload: Span<UInt8>, into out: inout ByteBuffer) throws(DeflateError)
}

public enum DeflateError: Error, Equatable, Sendable {
  /// More than zlib counts in one piece (4 GiB).
  case tooBig
  case noMemory
}
