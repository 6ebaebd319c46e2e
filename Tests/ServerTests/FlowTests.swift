import Testing

@testable import Server

@Suite struct FlowTests {
  @Test("full at its most entries, low again at half of them")
  func entries() {
    var flow = Flow()
    for _ in 1..<Flow.mostEntries { flow.sent(1) }
    #expect(!flow.isFull)
    flow.sent(1)
    #expect(flow.isFull && !flow.isLow)
    for _ in 0..<Flow.mostEntries / 2 - 1 { flow.seen(1) }
    #expect(!flow.isFull && !flow.isLow)
    flow.seen(1)
    #expect(flow.isLow)
  }

  @Test("one huge entry is enough to be full")
  func bytes() {
    var flow = Flow()
    flow.sent(Flow.mostBytes)
    #expect(flow.isFull && !flow.isLow)
    flow.seen(Flow.mostBytes)
    #expect(flow == Flow())
  }

  @Test("what comes back twice, or was never sent, takes nothing below zero")
  func neverNegative() {
    var flow = Flow()
    flow.sent(10)
    flow.seen(10)
    flow.seen(500)
    #expect(flow == Flow())
    flow.sent(1)
    flow.sent(1)
    flow.seen(900)
    #expect(flow.bytes == 0 && flow.entries == 1)
  }
}
