import Bytes
import EventLoop
import FleetState
import Testing
import WireProtocol

@testable import Server

@Suite struct FanOutPagesTests {
  private static let plainRun = Run(.plain, deflated: false)
  private static let sluiceRun = Run(.sluice, deflated: false)

  private static func batch(
    _ texts: [String], origin: StreamID? = nil, for audience: Audience = .halls(Halls(.ws)),
    runs: Runs = Runs(plainRun)
  ) -> Batch {
    let batch = Batch(for: audience, in: runs)
    for text in texts {
      batch.append(
        BusEntry(.hall(.ws)), text.utf8.span, origin: origin, id: EntryID(milliseconds: 5, sequence: 1),
        deflaters: Deflaters())
    }
    return batch
  }

  private static func bytes(_ run: Run, _ pages: FanOutPages, _ slot: SlotPages) -> String {
    let place = pages.place(of: run)
    let bytes = slot.pages.withBytes(at: place.lowerBound, count: place.count) { $0.copied() }
    return String(decoding: bytes, as: UTF8.self)
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
    let words = Self.bytes(Self.plainRun, after, slot)
    #expect(words.contains("one") && words.hasSuffix("two") && after.place(of: Self.plainRun).count == 10)
    #expect(after.audience == .halls(Halls(.ws)) && after.place(of: Self.sluiceRun).isEmpty)
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
    #expect(pages.begin(nil, cursor: EntryID(milliseconds: 4, sequence: 0), seen: nil) == 0)
    #expect(!pages.isActive && pages.cursor == EntryID(milliseconds: 4, sequence: 0))
  }

  @Test("a batch of more entries than there is room for is taken in part")
  func many() throws {
    let pages = FanOutPages(try SlotPages(streams: 64))
    let batch = Self.batch((0..<SlotPages.Room.mostEntries + 5).map { "\($0)" })
    #expect(pages.begin(batch, cursor: nil, seen: nil) == SlotPages.Room.mostEntries)
    #expect(pages.entryCount == SlotPages.Room.mostEntries)
    let last = batch.entries[SlotPages.Room.mostEntries - 1].ends[Self.plainRun.rawValue]
    #expect(pages.place(of: Self.plainRun).count == last)
  }

  @Test("a batch longer than the window is cut between two messages, all renderings counted")
  func long() throws {
    let text = String(repeating: "x", count: 1000)
    let plain = Self.batch(Array(repeating: text, count: 8))
    #expect(plain.fitting(entries: 100, bytes: 7050) == 7)
    let both = Self.batch(
      Array(repeating: text, count: 8), runs: [Runs(Self.plainRun), Runs(Self.sluiceRun)])
    #expect(both.fitting(entries: 100, bytes: 7050) == 3)
    plain.removeFirst(7)
    #expect(plain.entries.count == 1 && plain.entries[0].ends[0] == 1004)
  }

  @Test("each rendering lies in its own place, and the audience is found again")
  func renderings() throws {
    let slot = try SlotPages(streams: 64)
    let key = AudienceKey(group: try #require(Name("room")))
    let batch = Self.batch(
      ["a", "b"], for: .members(key), runs: [Runs(Self.plainRun), Runs(Self.sluiceRun)])
    _ = FanOutPages(slot).begin(batch, cursor: nil, seen: nil)
    let pages = FanOutPages(slot)
    #expect(pages.audience == .members(key))
    #expect(pages.place(of: Self.plainRun).count == 6)
    let words = Self.bytes(Self.sluiceRun, pages, slot)
    #expect(words.contains("{\"type\":\"message\",\"offset\":\"5-1\",\"channel\":\"ws\",\"data\":\"b\"}"))
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
