import EventLoop
import FleetState
import Testing

@testable import Server

@Suite struct PageLayoutTests {
  private static func layout(_ version: UInt64, slot: Int = 1 << 30, record: Int = 400, counter: Int = 900)
    -> PageLayout
  {
    PageLayout(version: version, slotBytes: slot, recordBytes: record, counterBytes: counter)
  }

  @Test("a build follows its own layout and the one before, no older and no newer one")
  func neighbours() {
    let own = PageLayout.version
    let wanted: [(UInt64, Bool)] = [
      (own, true), (own - 1, true), (own - 2, false), (own + 1, false), (0, false), (.max, false),
    ]
    for (version, canFollow) in wanted {
      #expect(Self.layout(own).canFollow(Self.layout(version)) == canFollow, "layout \(version)")
    }
  }

  @Test("of another size it follows none")
  func sizes() {
    let own = Self.layout(PageLayout.version)
    #expect(!own.canFollow(Self.layout(PageLayout.version, slot: (1 << 30) + 4096)))
    #expect(!own.canFollow(Self.layout(PageLayout.version - 1, record: 408)))
    #expect(!own.canFollow(Self.layout(PageLayout.version - 1, counter: 908)))
  }

  @Test("the question says all of it, and what is no question is none")
  func question() {
    let own = SlotPages.own
    #expect(PageLayout(question: own.question) == own)
    let others = [
      "", "3", "3.1.2", "3.1.2.3.4", "3.1.2.", "a.b.c.d", "3.-1.2.3", "3.99999999999999999999.2.3",
    ]
    for text in others { #expect(PageLayout(question: text) == nil, "\(text)") }
    #expect(PageLayout(question: "\(UInt64.max).\(UInt64.max).1.1") == nil)
  }

  /// A field that moves, or takes room that is not `spare`, makes the pages of the build before unreadable. Whoever means
  /// it raises `StreamLayout.version`, too, and changes the figures here.
  @Test("each field of a record lies where the build before has it, and the spare room at the end")
  func places() {
    typealias Record = SocketRecord
    let fields: [(PartialKeyPath<Record>, Int)] = [
      (\.phase, 0), (\.hall, 1), (\.joined, 10), (\.batch, 12), (\.seat, 24), (\.delivered, 28), (\.said, 40),
      (\.place, 48), (\.replayed, 64), (\.lostFrom, 72), (\.openedAt, 104), (\.noticeEvery, 136),
      (\.messages, 248), (\.spare, 256),
    ]
    for (field, offset) in fields { #expect(MemoryLayout<Record>.offset(of: field) == offset, "\(field)") }
    #expect(MemoryLayout<Record>.stride == 312)
    #expect(MemoryLayout<SlotCommons>.stride == 112)
    #expect(MemoryLayout<SlotCounters>.stride == 728)
    #expect(MemoryLayout<FanOutEntry>.stride == 80)
    #expect(MemoryLayout<FanOutBank>.stride == 128)
    #expect(MemoryLayout<HostFigures>.stride == 120)
    #expect(MemoryLayout<Membership>.stride == 80)
  }
}
