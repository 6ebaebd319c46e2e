import Testing

@testable import FleetState

@Suite struct RollProgressTests {
  private func example() -> RollProgress {
    var progress = RollProgress(.upgrade, .stopped, of: 4)
    progress.slot = 2
    progress.done = 2
    progress.sockets = 5000
    progress.handed = 2503
    progress.longestFreezeMicros = 8311
    progress.latest = Handover(sockets: 1250, freezeMicros: 7000)
    progress.spent = .milliseconds(2100)
    progress.reason = "worker 2: exit 1 = bad, sadly"
    return progress
  }

  @Test("it survives its text, with and without what may be missing")
  func text() {
    var progress = example()
    #expect(RollProgress(progress.text) == progress)
    progress.slot = nil
    progress.latest = nil
    progress.reason = ""
    progress.way = .back
    #expect(RollProgress(progress.text) == progress)
  }

  @Test("words of a newer build are passed over")
  func newer() {
    let progress = example()
    #expect(RollProgress("mood=good " + progress.text) == progress)
  }

  @Test("every text cut short, and every wrong byte, is refused or harmless")
  func damaged() {
    let bytes = Array(example().text.utf8)
    for length in 0...bytes.count {
      check(RollProgress(String(decoding: bytes.prefix(length), as: UTF8.self)))
    }
    for index in bytes.indices {
      for bit in 0..<8 {
        var wrong = bytes
        wrong[index] ^= 1 << bit
        check(RollProgress(String(decoding: wrong, as: UTF8.self)))
      }
    }
  }

  private func check(_ progress: RollProgress?) {
    guard let progress else { return }
    #expect((0...progress.of).contains(progress.done) && progress.of <= 1024)
    #expect(progress.handed >= 0 && progress.longestFreezeMicros >= 0 && progress.spent >= .zero)
    #expect(progress.reason.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
    #expect(!progress.sentence.isEmpty)
  }

  @Test(
    "made-up numbers are refused",
    arguments: [
      "of=0", "of=1025", "done=5", "done=-1", "handed=-1", "freeze=x", "slot=1024", "slot=-1", "phase=flying",
      "kind=", "way=up", "spent=99999999999999", "sockets=99999999999999999999", "nonsense",
    ])
  func refused(_ word: String) {
    let name = word.split(separator: "=").first ?? ""
    let good = "kind=roll phase=proving way=forward slot=1 done=1 of=4 sockets=9 handed=3 freeze=5 spent=7"
    #expect(RollProgress(good) != nil)
    let words = good.split(separator: " ").map { $0.hasPrefix(name + "=") ? word[...] : $0 }
    let text = (words.contains(word[...]) ? words : words + [word[...]]).joined(separator: " ")
    #expect(RollProgress(text) == nil)
  }

  @Test("a reason of strangers is short and shows nothing harmful")
  func hostileReason() throws {
    var progress = example()
    progress.reason = "\u{1B}[2J" + String(repeating: "x", count: 5000) + "\u{202E}"
    let read = try #require(RollProgress(progress.text))
    #expect(!read.reason.unicodeScalars.contains("\u{1B}") && read.reason.count <= 161)
    let long = String(repeating: "a=b ", count: 1 << 16)
    #expect(RollProgress(long) == nil)
  }

  @Test("below the slot in work all are replaced, above it none, forward and back")
  func states() {
    var progress = example()
    progress.phase = .proving
    #expect((0..<4).map(progress.state) == [.replaced, .replaced, .inWork, .old])
    progress.phase = .paused
    #expect((0..<4).map(progress.state) == [.replaced, .replaced, .old, .old])
    progress.way = .back
    progress.done = 1
    #expect((0..<4).map(progress.state) == [.replaced, .replaced, .replaced, .old])
    progress.slot = nil
    progress.phase = .takenback
    #expect((0..<4).map(progress.state) == [.old, .old, .old, .old])
    progress.phase = .done
    #expect((0..<4).map(progress.state) == [.replaced, .replaced, .replaced, .replaced])
    var single = RollProgress(.roll, .proving, of: 1)
    single.slot = 2
    #expect((0..<4).map(single.state) == [.old, .old, .inWork, .old])
    single.phase = .done
    #expect((0..<4).map(single.state) == [.old, .old, .replaced, .old])
  }
}
