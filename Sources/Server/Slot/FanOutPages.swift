import Bytes
import EventLoop
import FleetState

/// The batch that a hall is being told, in the slot's pages: a successor tells those who have not heard it yet, and
/// reads on behind it.
///
/// The batch, the place in the stream and the publishers' numbers change together, by one word.
@safe
final class FanOutPages {
  struct Entry: BitwiseCopyable {
    /// Where its frame ends among the plain ones.
    var end: UInt32 = 0
    var hasOrigin: UInt32 = 0
    var origin: UInt64 = 0
  }

  struct Bank: BitwiseCopyable {
    var milliseconds: UInt64 = 0
    var sequence: UInt64 = 0
    /// There is a place in the stream at all.
    var hasCursor: UInt32 = 0
    var plain: UInt32 = 0
    var deflated: UInt32 = 0
    var entries: UInt32 = 0
    var marks: UInt32 = 0
    var spare: UInt32 = 0
  }

  private let pages: SharedPages
  /// The number of the last fan-out, whether it is under way, and the bank that holds it.
  private let state: PageWord
  private let banks: [PageArray<Bank>]
  private let marks: [PageArray<Seen.Mark>]
  let entries: PageArray<Entry>
  let plainAt: Int
  let deflatedAt: Int

  private static let bankHead = 64

  init(_ slot: SlotPages) {
    typealias Room = SlotPages.Room
    pages = slot.pages
    let room = slot.layout.roomAt
    state = pages.word(at: room + Room.fanOutAt)
    let pages = slot.pages
    let starts = [room + Room.banksAt, room + Room.banksAt + Room.bankBytes]
    banks = starts.map { pages.array(of: Bank.self, at: $0, count: 1) }
    marks = starts.map { pages.array(of: Seen.Mark.self, at: $0 + Self.bankHead, count: Seen.most) }
    entries = pages.array(of: Entry.self, at: room + Room.entriesAt, count: Room.mostEntries)
    plainAt = room + Room.plainAt
    deflatedAt = room + Room.deflatedAt
  }

  var number: UInt32 { UInt32(truncatingIfNeeded: state.value >> 2) }
  var isActive: Bool { state.value & 2 != 0 }
  private var current: Int { Int(state.value & 1) }

  /// The last entry of the stream that is in a batch of ours.
  var cursor: EntryID? {
    let bank = banks[current][0]
    return bank.hasCursor == 0 ? nil : EntryID(milliseconds: bank.milliseconds, sequence: bank.sequence)
  }

  var seen: Seen {
    let count = min(Int(banks[current][0].marks), Seen.most)
    return Seen((0..<count).map { marks[current][$0] })
  }

  var entryCount: Int { min(Int(banks[current][0].entries), SlotPages.Room.mostEntries) }
  var plainCount: Int { min(Int(banks[current][0].plain), SlotPages.Room.windowBytes) }
  /// 0 when nobody reads compressed messages.
  var deflatedCount: Int { min(Int(banks[current][0].deflated), SlotPages.Room.windowBytes) }

  /// Takes a batch in, as much of it as there is room for, and tells how many of its entries that was. Place and
  /// numbers stay as they are where none are given.
  func begin(_ batch: Batch, cursor: EntryID?, seen: Seen?) -> Int {
    let count = batch.fitting(entries: SlotPages.Room.mostEntries, bytes: SlotPages.Room.windowBytes)
    let plain = count == 0 ? 0 : batch.entries[count - 1].end
    let deflated = count == 0 || !batch.hasDeflated ? 0 : batch.entries[count - 1].deflatedEnd
    for index in 0..<count {
      let entry = batch.entries[index]
      entries[index] = Entry(
        end: UInt32(entry.end), hasOrigin: entry.origin == nil ? 0 : 1, origin: entry.origin?.number ?? 0)
    }
    batch.write(plain: plain, deflated: deflated, to: pages, plainAt, deflatedAt)
    var bank = Bank()
    bank.plain = UInt32(plain)
    bank.deflated = UInt32(deflated)
    bank.entries = UInt32(count)
    let place = cursor ?? self.cursor
    bank.hasCursor = place == nil ? 0 : 1
    bank.milliseconds = place?.milliseconds ?? 0
    bank.sequence = place?.sequence ?? 0
    let next = 1 - current
    if let seen {
      bank.marks = UInt32(seen.marks.count)
      for (index, mark) in seen.marks.enumerated() { marks[next][index] = mark }
    } else {
      bank.marks = banks[current][0].marks
      for index in 0..<min(Int(bank.marks), Seen.most) { marks[next][index] = marks[current][index] }
    }
    banks[next][0] = bank
    state.value = UInt64(number &+ 1) << 2 | (count > 0 ? 2 : 0) | UInt64(next)
    return count
  }

  func end() {
    state.value &= ~2
    if plainCount > Self.kept || deflatedCount > Self.kept {
      pages.discard(at: plainAt, count: 2 * SlotPages.Room.windowBytes)
    }
  }

  private static let kept = 1 << 20
}
