import Bytes
import EventLoop
import FleetState

/// The batch that an audience is being told, in the slot's pages: a successor tells those who have not heard it yet,
/// and reads on behind it.
///
/// The batch, the place in the stream and the publishers' numbers change together, by one word.
@safe
final class FanOutPages {
  private let pages: SharedPages
  /// The number of the last fan-out, whether it is under way, and the bank that holds it.
  private let state: PageWord
  private let banks: [PageArray<FanOutBank>]
  private let marks: [PageArray<Seen.Mark>]
  let entries: PageArray<FanOutEntry>
  private let framesAt: Int

  private static let bankHead = 128

  init(_ slot: SlotPages) {
    typealias Room = SlotPages.Room
    pages = slot.pages
    let room = slot.layout.roomAt
    state = pages.word(at: room + Room.fanOutAt)
    let pages = slot.pages
    let starts = [room + Room.banksAt, room + Room.banksAt + Room.bankBytes]
    banks = starts.map { pages.array(of: FanOutBank.self, at: $0, count: 1) }
    marks = starts.map { pages.array(of: Seen.Mark.self, at: $0 + Self.bankHead, count: Seen.most) }
    entries = pages.array(of: FanOutEntry.self, at: room + Room.entriesAt, count: Room.mostEntries)
    framesAt = room + Room.framesAt
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

  var audience: Audience {
    let bank = banks[current][0]
    if bank.key != 0 {
      let key = AudienceKey(value: bank.key)
      return bank.halls == 0 ? .members(key) : .watchers(key)
    }
    return .halls(Halls(rawValue: UInt8(truncatingIfNeeded: bank.halls)))
  }

  /// Where a rendering lies. Empty when nobody was going to read it.
  func place(of run: Run) -> Range<Int> {
    let bank = banks[current][0]
    var start = 0
    for earlier in 0..<run.rawValue { start += Int(bank.runs[earlier]) }
    let end = min(start + Int(bank.runs[run.rawValue]), SlotPages.Room.framesBytes)
    return framesAt + min(start, end)..<framesAt + end
  }

  /// Takes a batch in, as much of it as there is room for, and tells how many of its entries that was. Place and
  /// numbers stay as they are where none are given.
  func begin(_ batch: Batch?, cursor: EntryID?, seen: Seen?) -> Int {
    let count = batch?.fitting(entries: SlotPages.Room.mostEntries, bytes: SlotPages.Room.framesBytes) ?? 0
    var bank = FanOutBank()
    bank.entries = UInt32(count)
    if let batch, count > 0 { put(batch, count, &bank) }
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

  private func put(_ batch: Batch, _ count: Int, _ bank: inout FanOutBank) {
    switch batch.audience {
    case .halls(let halls): bank.halls = UInt32(halls.rawValue)
    case .members(let key): bank.key = key.value
    case .watchers(let key):
      bank.key = key.value
      bank.halls = UInt32(Halls(.tasks).rawValue)
    }
    var place = framesAt
    let ends = batch.entries[count - 1].ends
    for run in 0..<Run.count {
      bank.runs[run] = UInt32(ends[run])
      batch.write(run, entries: count, to: pages, at: place)
      place += ends[run]
    }
    for index in 0..<count { entries[index] = FanOutEntry(batch.entries[index]) }
  }

  func end() {
    state.value &= ~2
    let used = place(of: Run(rawValue: Run.count - 1)).upperBound - framesAt
    if used > Self.kept { pages.discard(at: framesAt, count: SlotPages.Room.framesBytes) }
  }

  private static let kept = 2 << 20
}
