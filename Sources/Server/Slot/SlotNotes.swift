import EventLoop
import FleetState

/// What one process of a slot has learned from Redis and the next one needs before it can ask, in the slot's pages: a
/// client that comes in the first milliseconds of a new worker is not worse off.
final class SlotNotes {
  private struct Notes: BitwiseCopyable {
    var epoch = Membership()
    var signers = InlineArray<64, UInt8>(repeating: 0)
    /// How many bytes of `signers` hold: none, one key, or two.
    var signerBytes: UInt32 = 0
  }

  private let notes: PageArray<Notes>

  static let signerBytes = 32

  init(_ slot: SlotPages) {
    notes = slot.pages.array(
      of: Notes.self, at: slot.layout.roomAt + SlotPages.Room.notesAt, count: 1)
  }

  var epoch: Epoch? {
    get { Epoch(notes[0].epoch.name) }
    set { notes[0].epoch = newValue.map { Membership(.none, $0.text) } ?? Membership() }
  }

  /// The keys that sign tokens, the present one first.
  var signers: [[UInt8]] {
    get {
      let count = min(Int(notes[0].signerBytes) / Self.signerBytes, 2)
      return (0..<count).map { key in
        (0..<Self.signerBytes).map { notes[0].signers[key * Self.signerBytes + $0] }
      }
    }
    set {
      // Half written they are none.
      notes[0].signerBytes = 0
      let bytes = newValue.prefix(2).flatMap { $0.prefix(Self.signerBytes) }
      for (index, byte) in bytes.enumerated() { notes[0].signers[index] = byte }
      notes[0].signerBytes = UInt32(bytes.count)
    }
  }
}
