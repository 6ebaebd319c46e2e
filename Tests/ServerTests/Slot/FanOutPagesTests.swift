import Bytes
import EventLoop
import FleetState
import Testing
import WireProtocol

@testable import Server

@Suite struct FanOutPagesTests {
  private static func batch(_ texts: [String], origin: StreamID? = nil) -> Batch {
    let batch = Batch()
    for text in texts { batch.append(.text, text.utf8.span, origin: origin, id: nil, deflaters: nil) }
    return batch
  }

  private static func plain(_ pages: FanOutPages, _ slot: SlotPages) -> [UInt8] {
    slot.pages.withBytes(at: pages.plainAt, count: pages.plainCount) { $0.copied() }
  }

  @Test("fresh pages tell of no batch, no place, nobody seen")
  func fresh() throws {
    let pages = FanOutPages(try SlotPages(streams: 64))
    #expect(!pages.isActive && pages.number == 0 && pages.cursor == nil && pages.seen.marks.isEmpty)
  }

  @Test(
    "a successor finds the batch that was under way, its place and its publishers, and not once it is over")
  func between() throws {
    let slot = try SlotPages(streams: 64)
    let pages = FanOutPages(slot)
    let origin = StreamID(number: 7 << 32 | 3)
    let batch = Self.batch(["one", "two"], origin: origin)
    let seen = Seen([Seen.Mark(publisher: 5, number: 9)])
    #expect(pages.begin(batch, cursor: EntryID(milliseconds: 11, sequence: 2), seen: seen) == 2)
    let after = FanOutPages(slot)
    #expect(after.isActive && after.number == 1 && after.entryCount == 2)
    #expect(after.cursor == EntryID(milliseconds: 11, sequence: 2))
    #expect(after.seen.marks.map(\.number) == [9])
    #expect(after.entries[0].hasOrigin == 1 && after.entries[0].origin == origin.number)
    let bytes = Self.plain(after, slot)
    let wanted = batch.plain.bytes.copied()
    #expect(bytes == wanted)
    after.end()
    #expect(!pages.isActive && pages.number == 1 && pages.cursor == after.cursor)
  }

  @Test("place and numbers stay where a batch brings none, bank after bank")
  func stays() throws {
    let slot = try SlotPages(streams: 64)
    let pages = FanOutPages(slot)
    let place = EntryID(milliseconds: 1, sequence: 1)
    _ = pages.begin(Self.batch(["a"]), cursor: place, seen: Seen([Seen.Mark(publisher: 1, number: 1)]))
    pages.end()
    for number in 2...5 as ClosedRange<UInt32> {
      _ = pages.begin(Self.batch(["b"]), cursor: nil, seen: nil)
      #expect(pages.number == number && pages.cursor == place && pages.seen.marks.count == 1)
      pages.end()
    }
  }

  @Test("an empty batch moves the place and begins nothing")
  func empty() throws {
    let pages = FanOutPages(try SlotPages(streams: 64))
    #expect(pages.begin(Batch(), cursor: EntryID(milliseconds: 4, sequence: 0), seen: nil) == 0)
    #expect(!pages.isActive && pages.cursor == EntryID(milliseconds: 4, sequence: 0))
  }

  @Test("a batch of more entries than there is room for is taken in part")
  func many() throws {
    let pages = FanOutPages(try SlotPages(streams: 64))
    let batch = Self.batch((0..<SlotPages.Room.mostEntries + 5).map { "\($0)" })
    #expect(pages.begin(batch, cursor: nil, seen: nil) == SlotPages.Room.mostEntries)
    #expect(pages.entryCount == SlotPages.Room.mostEntries)
    #expect(pages.plainCount == batch.entries[SlotPages.Room.mostEntries - 1].end)
  }

  @Test("a batch longer than the window is cut between two frames")
  func long() throws {
    let pages = FanOutPages(try SlotPages(streams: 64))
    let megabytes = String(repeating: "x", count: 10 << 20)
    let batch = Self.batch(Array(repeating: megabytes, count: 8))
    let taken = pages.begin(batch, cursor: nil, seen: nil)
    #expect(taken == 7 && pages.plainCount == batch.entries[6].end)
  }

  @Test("a publisher's number is new once; the oldest of too many gives way")
  func seen() throws {
    var seen = Seen()
    let host = try #require(Name("web-1"))
    func origin(_ slot: Int, _ number: UInt64) -> BusEntry.Origin {
      BusEntry.Origin(host: host, slot: slot, life: 1, connection: 1, number: number)
    }
    #expect(seen.isNew(origin(0, 5)) && !seen.isNew(origin(0, 5)) && !seen.isNew(origin(0, 4)))
    #expect(seen.isNew(origin(0, 6)) && seen.isNew(origin(1, 1)))
    #expect(seen.isNew(origin(2, 0)) && seen.isNew(origin(2, 0)), "0 is not counted")
    var copy = Seen(seen.marks)
    #expect(!copy.isNew(origin(0, 6)) && copy.isNew(origin(0, 7)))
    for slot in 2..<2 + Seen.most { _ = seen.isNew(origin(slot, 1)) }
    #expect(seen.marks.count == Seen.most)
    #expect(!seen.isNew(origin(Seen.most, 1)) && seen.isNew(origin(0, 6)), "forgotten by now")
  }
}
