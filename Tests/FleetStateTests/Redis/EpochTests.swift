import Bytes
import Testing

@testable import FleetState

@Suite struct EpochTests {
  @Test("a fresh epoch is 16 digits and reads back", arguments: 0..<50)
  func fresh(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let epoch = Epoch.fresh(using: &random)
    #expect(epoch.text.count == 16 && Epoch(epoch.text) == epoch, "seed \(seed)")
    #expect(Epoch.fresh(using: &random) != epoch, "seed \(seed)")
  }

  @Test("an offset survives its text")
  func offsets() throws {
    let offset = Offset(epoch: try #require(Epoch("abc")), id: EntryID(milliseconds: 7, sequence: 1))
    #expect(offset.description == "abc/7-1" && Offset("abc/7-1") == offset)
  }

  @Test(
    "what is no offset is refused", arguments: ["", "abc", "abc/", "/7-1", "a b/7-1", "abc/x", "abc/1-1/2"])
  func refused(_ text: String) { #expect(Offset(text) == nil) }
}
