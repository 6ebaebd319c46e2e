import Bytes
import Testing

@testable import FleetState

@Suite struct LedgerTests {
  @Test("each socket goes into exactly one bucket, and not one more than there were")
  func settle() {
    var ledger = Ledger(start: 5)
    #expect(ledger.settle(.left) == 1)
    #expect(ledger.settle(.paced, 3) == 3)
    #expect(ledger.settle(.forced, 7) == 1)
    #expect(ledger.settle(.lost) == 0)
    #expect(ledger.settle(.left, -4) == 0)
    #expect(ledger.unsettled == 0)
    #expect(ledger.text == "start=5 handed=0 moved=0 left=1 paced=3 forced=1 lost=0")
  }

  @Test("closing puts whoever is in no bucket among the lost")
  func close() {
    var ledger = Ledger(start: 5)
    ledger.settle(.handed, 2)
    ledger.close()
    #expect(ledger[.lost] == 3 && ledger.unsettled == 0)
  }

  @Test("merging adds every number")
  func merge() {
    var a = Ledger(start: 5)
    a.settle(.moved, 2)
    var b = Ledger(start: 7)
    b.settle(.moved, 1)
    b.settle(.handed, 6)
    a.merge(b)
    #expect(a.text == "start=12 handed=6 moved=3 left=0 paced=0 forced=0 lost=0")
    #expect(a.unsettled == 3)
  }

  @Test("merging made-up numbers does not trap")
  func mergeHuge() {
    var huge = Ledger(start: .max)
    huge.settle(.left, .max)
    huge.merge(huge)
    #expect(huge.start == .max)
  }

  @Test("random settling and merging keeps the sum", arguments: 0..<100)
  func invariant(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var total = Ledger(start: 0)
    for _ in 0..<5 {
      var ledger = Ledger(start: Int.random(in: 0...1000, using: &random))
      for _ in 0..<10 {
        let bucket = Ledger.Bucket.allCases.randomElement(using: &random) ?? .lost
        ledger.settle(bucket, Int.random(in: -5...300, using: &random))
      }
      if Bool.random(using: &random) { ledger.close() }
      total.merge(ledger)
    }
    let sum = Ledger.Bucket.allCases.reduce(0) { $0 + total[$1] }
    #expect(sum + total.unsettled == total.start, "seed \(seed)")
    #expect(Ledger(total.text) == total, "seed \(seed)")
  }

  @Test(
    "a text that does not add up is refused",
    arguments: [
      "", "handed=1", "start=1 lost=2", "start=x", "start=-1", "start=3 left", "start=99999999999999999999",
    ])
  func refused(_ text: String) { #expect(Ledger(text) == nil) }
}
