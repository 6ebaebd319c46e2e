import Bytes
import Compression
import WireProtocol

/// One compressor for each window size clients have asked for, made when the first one does.
final class Deflaters {
  /// Shorter messages grow more often than they shrink, and cost the same work.
  static let threshold = 128

  private var byWindow: [Int: ZlibDeflater] = [:]
  private var message = ByteBuffer()
  private var compressed = ByteBuffer()

  private static let kept = 64 << 10

  /// Appends prefix and payload as one frame: compressed, or plain where it would not get smaller.
  func append(
    _ opcode: Opcode, _ prefix: StaticString, _ payload: Span<UInt8>, windowBits: Int,
    into out: inout ByteBuffer
  ) {
    message.clear()
    message.append(prefix)
    message.append(payload)
    let isSmaller = deflate(message, windowBits) && compressed.count < message.count
    if isSmaller {
      Self.frame(opcode, compressed, isCompressed: true, into: &out)
    } else {
      Self.frame(opcode, message, isCompressed: false, into: &out)
    }
    message.clear()
    message.trim(above: Self.kept)
    compressed.clear()
    compressed.trim(above: Self.kept)
  }

  private static func frame(
    _ opcode: Opcode, _ bytes: borrowing ByteBuffer, isCompressed: Bool, into out: inout ByteBuffer
  ) {
    FrameWriter.append(opcode, bytes.bytes, compressed: isCompressed, into: &out)
  }

  private func deflate(_ message: borrowing ByteBuffer, _ windowBits: Int) -> Bool {
    guard let deflater = deflater(windowBits) else { return false }
    return (try? deflater.deflate(message.bytes, into: &compressed)) != nil
  }

  private func deflater(_ bits: Int) -> ZlibDeflater? {
    if let known = byWindow[bits] { return known }
    let made = try? ZlibDeflater(windowBits: bits)
    byWindow[bits] = made
    return made
  }
}
