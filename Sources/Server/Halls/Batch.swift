import Bytes
import EventLoop
import FleetState
import WireProtocol

/// What one audience is told in one go: frames rendered once, in order, for everybody who wants them alike.
///
/// Whoever said something in it gets all but that, which is why the end of each frame is known.
final class Batch {
  struct Entry {
    /// Where its frame ends, in each rendering.
    var ends = InlineArray<6, Int>(repeating: 0)
    /// The socket on this worker that said it; it is not told again.
    var origin: StreamID?
    /// Nor is who has joined this.
    var except = AudienceKey.none
    /// Its place in the stream it came from.
    var id: EntryID?
  }

  /// Somebody who wants to know how many were told.
  struct Asker {
    let origin: BusEntry.Origin
    let kind: BusEntry.Kind
  }

  let audience: Audience
  /// The renderings somebody reads.
  let runs: Runs
  private(set) var entries: [Entry] = []
  var askers: [Asker] = []
  /// Its count would not be anybody else's: nothing is added to it.
  var isWhole = false
  private var frames = InlineArray<6, ByteBuffer> { _ in ByteBuffer() }
  private var rendering = Rendering()

  init(for audience: Audience, in runs: Runs) {
    self.audience = audience
    self.runs = runs
  }

  var isEmpty: Bool { entries.isEmpty }
  /// Of its longest rendering.
  var byteCount: Int { (0..<Run.count).reduce(0) { max($0, frames[$1].count) } }

  func append(
    _ message: BusEntry, _ payload: Span<UInt8>, origin: StreamID?, id: EntryID?, deflaters: Deflaters
  ) {
    var entry = Entry()
    let opcode = message.form == .binary ? Opcode.binary : .text
    for dress in Dress.allCases {
      let plain = Run(dress, deflated: false)
      let deflated = Run(dress, deflated: true)
      if runs.isDisjoint(with: [Runs(plain), Runs(deflated)]) { continue }
      rendering.render(message, payload, id: id, as: dress) { words in
        if runs.contains(plain) { FrameWriter.append(opcode, words, into: &frames[plain.rawValue]) }
        guard runs.contains(deflated) else { return }
        if words.count < Deflaters.threshold {
          FrameWriter.append(opcode, words, into: &frames[deflated.rawValue])
        } else {
          deflaters.append(opcode, "", words, windowBits: 15, into: &frames[deflated.rawValue])
        }
      }
    }
    for run in 0..<Run.count { entry.ends[run] = frames[run].count }
    entry.origin = origin
    if let except = message.except { entry.except = AudienceKey(client: except) }
    entry.id = id
    entries.append(entry)
  }

  /// How many of the first entries stay within these bounds.
  func fitting(entries most: Int, bytes: Int) -> Int {
    if entries.count <= most && (0..<Run.count).reduce(0, { $0 + frames[$1].count }) <= bytes {
      return entries.count
    }
    return entries.prefix(most).prefix { entry in
      (0..<Run.count).reduce(0) { $0 + entry.ends[$1] } <= bytes
    }.count
  }

  /// The bytes of the first `count` entries of a rendering, to where they are told from.
  func write(_ run: Int, entries count: Int, to pages: SharedPages, at place: Int) {
    guard count > 0 else { return }
    Self.write(frames[run], entries[count - 1].ends[run], to: pages, place)
  }

  private static func write(
    _ buffer: borrowing ByteBuffer, _ count: Int, to pages: SharedPages, _ place: Int
  ) {
    pages.write(buffer.bytes.extracting(first: count), at: place)
  }

  /// Lends one frame of a rendering.
  func withFrame<Result>(_ index: Int, _ run: Run, _ body: (Span<UInt8>) -> Result) -> Result {
    let start = index == 0 ? 0 : entries[index - 1].ends[run.rawValue]
    return Self.lend(frames[run.rawValue], start..<entries[index].ends[run.rawValue], body)
  }

  private static func lend<Result>(
    _ buffer: borrowing ByteBuffer, _ range: Range<Int>, _ body: (Span<UInt8>) -> Result
  ) -> Result {
    body(buffer.bytes.extracting(range))
  }

  /// The first entries are told; what is left keeps its order.
  func removeFirst(_ count: Int) {
    guard count < entries.count, count > 0 else { return count == 0 ? () : clear() }
    let last = entries[count - 1]
    for run in 0..<Run.count { frames[run].removeFirst(last.ends[run]) }
    entries.removeFirst(count)
    for index in entries.indices {
      for run in 0..<Run.count { entries[index].ends[run] -= last.ends[run] }
    }
  }

  /// For the next one: nobody asks about it yet.
  func reset() {
    clear()
    askers.removeAll()
    isWhole = false
  }

  private func clear() {
    entries.removeAll(keepingCapacity: true)
    for run in 0..<Run.count {
      frames[run].clear()
      frames[run].trim(above: 1 << 20)
    }
  }
}
