import Bytes
import EventLoop
import Glibc
import Testing

@testable import Server

@Suite struct SlotPagesTests {
  private static let streams = 64

  private static func adopted(_ pages: SharedPages) throws(ForeignPages) -> SlotPages {
    try SlotPages(adopting: Descriptor(owning: dup(pages.number)), streams: streams)
  }

  private static func setVersion(_ version: UInt64, of slot: SlotPages) {
    slot.pages.word(at: slot.layout.roomAt + SlotPages.Room.versionAt).value = version
  }

  @Test("its own pages, and those of the layout before, are gone on with", arguments: [0, 1] as [UInt64])
  func known(back: UInt64) throws {
    let slot = try SlotPages(streams: Self.streams)
    Self.setVersion(PageLayout.version - back, of: slot)
    let again = try Self.adopted(slot.pages)
    #expect(again.life == slot.life && again.version == PageLayout.version - back)
    again.stamp()
    #expect(slot.version == PageLayout.version)
  }

  @Test(
    "those of any other layout are refused, with both numbers",
    arguments: [0, PageLayout.version - 2, PageLayout.version + 1, .max])
  func unknown(version: UInt64) throws {
    let slot = try SlotPages(streams: Self.streams)
    Self.setVersion(version, of: slot)
    let refusal = #expect(throws: ForeignPages.self) { try Self.adopted(slot.pages) }
    let text = try #require(refusal).description
    #expect(text.contains("layout \(version),") && text.contains("and \(PageLayout.version) alone"))
  }

  @Test("one wrong bit in what says how they are laid out, and they are refused")
  func wrongBits() throws {
    let slot = try SlotPages(streams: Self.streams)
    let room = slot.layout.roomAt + SlotPages.Room.sizesAt
    let words = Array(stride(from: 512, to: 576, by: 8)) + Array(stride(from: room, to: room + 40, by: 8))
    for place in words {
      let word = slot.pages.word(at: place)
      for bit in 0..<64 {
        word.value ^= 1 << UInt64(bit)
        #expect(throws: ForeignPages.self, "bit \(bit) of the word at \(place)") {
          try Self.adopted(slot.pages)
        }
        word.value ^= 1 << UInt64(bit)
      }
    }
    _ = try Self.adopted(slot.pages)
  }

  @Test("those for another number of sockets, shorter ones and longer ones are refused", arguments: [-1, 1])
  func wrongSizes(change: Int) throws {
    let slot = try SlotPages(streams: Self.streams + change)
    #expect(throws: ForeignPages.self) { try Self.adopted(slot.pages) }
    let other = try SharedPages(name: "test", byteCount: slot.layout.byteCount + 4096 * change)
    slot.layout.sign(other)
    #expect(throws: ForeignPages.self) {
      try SlotPages(adopting: Descriptor(owning: dup(other.number)), streams: Self.streams + change)
    }
  }

  @Test("what is no memory of ours at all is refused", arguments: [-1, 0, 1 << 40])
  func strange(streams: Int) throws {
    let slot = try SlotPages(streams: Self.streams)
    #expect(throws: ForeignPages.self) {
      try SlotPages(adopting: Descriptor(owning: dup(slot.pages.number)), streams: streams)
    }
    let null = unsafe open("/dev/null", O_RDWR | O_CLOEXEC)
    #expect(throws: ForeignPages.self) {
      try SlotPages(adopting: Descriptor(owning: null), streams: Self.streams)
    }
  }

  @Test("pages full of random bytes are refused", arguments: 1...20 as ClosedRange<UInt64>)
  func random(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let slot = try SlotPages(streams: Self.streams)
    let bytes = (0..<16_384).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    slot.pages.write(bytes.span, at: 0)
    slot.pages.write(bytes.span, at: slot.layout.roomAt)
    #expect(throws: ForeignPages.self, "seed \(seed)") { try Self.adopted(slot.pages) }
  }
}
