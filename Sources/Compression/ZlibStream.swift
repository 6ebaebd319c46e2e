internal import Bytes
internal import CZlib

/// zlib's own record, at an address that never changes: zlib keeps a pointer back to it.
///
/// It only ever points at bytes during one `run`, so no pointer outlives the span it was made from.
@safe
internal struct ZlibStream: ~Copyable {
  // SAFETY: owned by this value alone (~Copyable), allocated and initialized from `init` to `deinit`.
  private let record: UnsafeMutablePointer<z_stream>

  private let end: @convention(c) (UnsafeMutablePointer<z_stream>?) -> CInt

  /// What one step took and gave, and how zlib judged it.
  internal struct Step {
    internal let taken: Int
    internal let made: Int
    internal let status: CInt
  }

  /// No zlib call takes or gives more than this in one step.
  internal static var longestStep: Int { Int(UInt32.max) }

  /// nil: no memory.
  internal static func inflating(windowBits: Int) -> ZlibStream? {
    // Negative bits mean a raw stream, without zlib's header and checksum.
    unsafe ZlibStream(end: inflateEnd) { record in
      unsafe inflateInit2_(record, CInt(-windowBits), ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
    }
  }

  /// nil: no memory.
  internal static func deflating(windowBits: Int, level: Int) -> ZlibStream? {
    unsafe ZlibStream(end: deflateEnd) { record in
      unsafe deflateInit2_(
        record, CInt(level), Z_DEFLATED, CInt(-windowBits), 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        CInt(MemoryLayout<z_stream>.size))
    }
  }

  private init?(
    end: @escaping @convention(c) (UnsafeMutablePointer<z_stream>?) -> CInt,
    start: (UnsafeMutablePointer<z_stream>) -> CInt
  ) {
    unsafe record = .allocate(capacity: 1)
    unsafe record.initialize(to: z_stream())  // all zero: zlib's own allocator
    unsafe self.end = end
    if unsafe start(record) != Z_OK {
      unsafe record.deallocate()
      return nil
    }
  }

  deinit {
    _ = unsafe end(record)
    unsafe record.deallocate()
  }

  /// Runs `call` over `input`, giving what comes out to the back of `out`, `room` bytes at most.
  internal mutating func run(
    _ input: Span<UInt8>, into out: inout ByteBuffer, room: Int,
    _ call: (UnsafeMutablePointer<z_stream>) -> CInt
  ) -> Step {
    precondition(input.count <= ZlibStream.longestStep && room <= ZlibStream.longestStep && room > 0)
    var step = Step(taken: 0, made: 0, status: Z_BUF_ERROR)
    out.append(upTo: room) { target in
      // SAFETY: both pointers are valid for the length of the two closures, and cleared before they end.
      // zlib reads through `next_in` only, whatever its type says.
      step = unsafe input.withUnsafeBytes { source in
        unsafe target.withUnsafeMutableBytes { target in
          unsafe record.pointee.next_in = .init(
            mutating: source.baseAddress?.assumingMemoryBound(to: UInt8.self))
          unsafe record.pointee.avail_in = UInt32(source.count)
          unsafe record.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
          unsafe record.pointee.avail_out = UInt32(target.count)
          let status = unsafe call(record)
          unsafe record.pointee.next_in = nil
          unsafe record.pointee.next_out = nil
          return unsafe Step(
            taken: source.count - Int(record.pointee.avail_in),
            made: target.count - Int(record.pointee.avail_out), status: status)
        }
      }
      return step.made
    }
    return step
  }

  /// For what zlib says beside its status.
  internal func ask<Answer>(_ question: (UnsafeMutablePointer<z_stream>) -> Answer) -> Answer {
    unsafe question(record)
  }
}
