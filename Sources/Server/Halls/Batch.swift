import Bytes
import EventLoop
import FleetState
import WireProtocol

/// What a hall is told in one go: frames rendered once, in order, for everybody.
///
/// Whoever said something in it gets all but that, which is why the end of each frame is known.
final class Batch {
  struct Entry {
    /// Where its frame ends among the plain ones, and among the compressed ones.
    var end: Int
    var deflatedEnd: Int
    /// The socket on this worker that said it; it is not told again.
    var origin: StreamID?
    /// Its place in the stream it came from.
    var id: EntryID?
  }

  private(set) var entries: [Entry] = []
  private(set) var plain = ByteBuffer()
  private(set) var deflated = ByteBuffer()
  /// `deflated` holds the same messages for those who agreed on compression.
  private(set) var hasDeflated = false

  var isEmpty: Bool { entries.isEmpty }

  /// With `deflaters` when somebody in the hall reads compressed messages.
  func append(
    _ opcode: Opcode, _ payload: Span<UInt8>, origin: StreamID?, id: EntryID?, deflaters: Deflaters?
  ) {
    FrameWriter.append(opcode, payload, into: &plain)
    if let deflaters {
      hasDeflated = true
      if payload.count < Deflaters.threshold {
        FrameWriter.append(opcode, payload, into: &deflated)
      } else {
        deflaters.append(opcode, "", payload, windowBits: 15, into: &deflated)
      }
    }
    entries.append(Entry(end: plain.count, deflatedEnd: deflated.count, origin: origin, id: id))
  }

  /// How many of the first entries stay within these bounds.
  func fitting(entries most: Int, bytes: Int) -> Int {
    if entries.count <= most && plain.count <= bytes && deflated.count <= bytes { return entries.count }
    return entries.prefix(most).prefix { $0.end <= bytes && $0.deflatedEnd <= bytes }.count
  }

  func write(plain count: Int, deflated deflatedCount: Int, to pages: SharedPages, _ place: Int, _ other: Int)
  {
    Self.write(plain, count, to: pages, place)
    Self.write(deflated, deflatedCount, to: pages, other)
  }

  private static func write(
    _ buffer: borrowing ByteBuffer, _ count: Int, to pages: SharedPages, _ place: Int
  ) {
    pages.write(buffer.bytes.extracting(first: count), at: place)
  }

  /// The first entries are told; what is left keeps its order.
  func removeFirst(_ count: Int) {
    guard count < entries.count, count > 0 else { return count == 0 ? () : clear() }
    let last = entries[count - 1]
    plain.removeFirst(last.end)
    deflated.removeFirst(last.deflatedEnd)
    entries.removeFirst(count)
    for index in entries.indices {
      entries[index].end -= last.end
      entries[index].deflatedEnd -= last.deflatedEnd
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
