import CZlib

/// What the payload of a compressed message says; each is for itself, as our servers agree to.
func inflate(_ bytes: [UInt8]) throws -> [UInt8] {
  var input = bytes + [0x00, 0x00, 0xFF, 0xFF]
  var output = [UInt8](repeating: 0, count: 1 << 20)
  var stream = z_stream()
  guard inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
    throw Trouble("zlib does not start")
  }
  defer { inflateEnd(&stream) }
  return try input.withUnsafeMutableBufferPointer { source in
    try output.withUnsafeMutableBufferPointer { target in
      stream.next_in = source.baseAddress
      stream.avail_in = UInt32(source.count)
      stream.next_out = target.baseAddress
      stream.avail_out = UInt32(target.count)
      guard CZlib.inflate(&stream, Z_SYNC_FLUSH) == Z_OK else { throw Trouble("no deflate data") }
      return Array(target.prefix(target.count - Int(stream.avail_out)))
    }
  }
}
