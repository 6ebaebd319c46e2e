import FleetState
import Testing

@testable import LoadGen

@Suite struct ReceiptsTests {
  private func at(_ milliseconds: UInt64) -> EntryID { EntryID(milliseconds: milliseconds, sequence: 0) }

  @Test("a word waits for its receipt and for its hearer, whichever comes first", arguments: [true, false])
  func both(heardFirst: Bool) {
    var receipts = Receipts()
    receipts.say(0)
    #expect(receipts.awaited == 1)
    if heardFirst { receipts.hear(0) }
    let isAwaited = receipts.acknowledge(0, at: at(5), isMissing: !heardFirst)
    #expect(isAwaited)
    if !heardFirst { receipts.hear(0) }
    #expect(receipts == Receipts())
    let isAwaitedAgain = receipts.acknowledge(0, at: at(5), isMissing: false)
    #expect(!isAwaitedAgain)
  }

  @Test("what has a receipt and is not heard has no excuse")
  func lost() {
    var receipts = Receipts()
    receipts.say(0)
    receipts.acknowledge(0, at: at(5), isMissing: true)
    receipts.loseConnection { _ in true }
    #expect(receipts.excuse(of: 0) == nil && receipts.awaited == 0)
  }

  @Test("a connection that ends takes the receipts that had not come with it, but nothing that was heard")
  func connection() {
    var receipts = Receipts()
    for number in 0..<4 as Range<UInt32> { receipts.say(number) }
    receipts.acknowledge(0, at: at(5), isMissing: true)
    receipts.loseConnection { $0 != 2 }
    #expect(receipts.awaited == 0)
    #expect((0..<4).map { receipts.excuse(of: $0) } == [nil, .noReceipt, nil, .noReceipt])
    receipts.hear(3)
    #expect(receipts.excuse(of: 3) == nil)
  }

  @Test("a refusal is an excuse")
  func refused() {
    var receipts = Receipts()
    receipts.say(7)
    let refusals = [receipts.refuse(7), receipts.refuse(7)]
    #expect(refusals == [true, false] && receipts.awaited == 0)
    #expect(receipts.excuse(of: 7) == .refused)
  }

  @Test("a range that is told to be gone excuses what stands in it, its ends included, and nothing else")
  func told() {
    var receipts = Receipts()
    for number in 0..<5 as Range<UInt32> { receipts.say(number) }
    for number in 0..<4 as Range<UInt32> {
      receipts.acknowledge(number, at: at(UInt64(number)), isMissing: true)
    }
    receipts.tellLost(at(1)...at(2))
    #expect((0..<5).map { receipts.excuse(of: $0) } == [nil, .told, .told, nil, nil])
    #expect(receipts.awaited == 1)
  }

  @Test("a server that gives no receipts does not make the books grow for ever")
  func bound() {
    var receipts = Receipts()
    for number in 0..<20_000 as Range<UInt32> { receipts.say(number) }
    #expect(receipts.awaited == 10_000)
    receipts.loseConnection { _ in true }
    #expect(receipts.excuse(of: 9999) == .noReceipt && receipts.excuse(of: 10_000) == nil)
  }
}
