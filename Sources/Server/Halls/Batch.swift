import Bytes
import EventLoop
import WireProtocol

/// What a hall is told in one go: frames rendered once, in order, for everybody.
///
/// Whoever said something in it gets all but that, which is why the end of each frame is known.
final class Batch {
  struct Entry {
    /// Where its frame ends among the plain ones.
    var end: Int
    /// The socket on this worker that said it; it is not told again.
    var origin: StreamID?
  }

  private(set) var entries: [Entry] = []
  private(set) var plain = ByteBuffer()
  private(set) var deflated = ByteBuffer()
  /// `deflated` holds the same messages for those who agreed on compression.
  private(set) var hasDeflated = false

  var isEmpty: Bool { entries.isEmpty }

  /// With `deflaters` when somebody in the hall reads compressed messages.
  func append(_ opcode: Opcode, _ payload: Span<UInt8>, origin: StreamID?, deflaters: Deflaters?) {
    FrameWriter.append(opcode, payload, into: &plain)
    entries.append(Entry(end: plain.count, origin: origin))
    guard let deflaters else { return }
    hasDeflated = true
    if payload.count < Deflaters.threshold {
      FrameWriter.append(opcode, payload, into: &deflated)
    } else {
      deflaters.append(opcode, "", payload, windowBits: 15, into: &deflated)
    }
  }

  func clear() {
    entries.removeAll(keepingCapacity: true)
    plain.clear()
    plain.trim(above: 1 << 20)
    deflated.clear()
    deflated.trim(above: 1 << 20)
    hasDeflated = false
  }
}
