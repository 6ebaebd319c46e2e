import Testing

@testable import Measurement

@Suite struct DeliveryAuditTests {
  private func audit(sending count: Int) -> DeliveryAudit {
    var audit = DeliveryAudit()
    for _ in 0..<count { _ = audit.send() }
    return audit
  }

  @Test("each once and in order is nothing to report")
  func clean() {
    var audit = audit(sending: 1000)
    for sequence: UInt32 in 0..<1000 { #expect(audit.receive(sequence) == .inOrder) }
    audit.settle()
    #expect((audit.received, audit.lost, audit.duplicated, audit.reordered) == (1000, 0, 0, 0))
  }

  @Test("a gap is a loss once nothing more comes")
  func lost() {
    var audit = audit(sending: 10)
    for sequence: UInt32 in [0, 1, 3, 4, 6, 7, 8, 9] { #expect(audit.receive(sequence) == .inOrder) }
    #expect(audit.outstanding == 2)
    audit.settle()
    #expect((audit.received, audit.lost) == (8, 2))
  }

  @Test("one that comes behind its successor is out of order, not lost")
  func reordered() {
    var audit = audit(sending: 3)
    #expect(audit.receive(1) == .inOrder)
    #expect(audit.receive(0) == .reordered)
    #expect(audit.receive(2) == .inOrder)
    audit.settle()
    #expect((audit.received, audit.lost, audit.reordered) == (3, 0, 1))
  }

  @Test("one that comes twice is counted once and doubled")
  func doubled() {
    var audit = audit(sending: 5)
    #expect(audit.receive(0) == .inOrder)
    #expect(audit.receive(0) == .duplicate)
    #expect(audit.receive(2) == .inOrder)
    #expect(audit.receive(2) == .duplicate)
    #expect((audit.received, audit.duplicated) == (2, 2))
  }

  @Test("what nobody sent is unknown")
  func unknown() {
    var audit = audit(sending: 2)
    #expect(audit.receive(2) == .unknown)
    #expect(audit.receive(.max) == .unknown)
  }

  @Test("beyond the window it is lost, and found again if it comes at last")
  func window() {
    var audit = self.audit(sending: 200)
    for sequence: UInt32 in 1..<65 { _ = audit.receive(sequence) }
    #expect(audit.lost == 1)
    #expect(audit.receive(0) == .late)
    #expect((audit.lost, audit.received) == (0, 65))
    #expect(audit.receive(0) == .duplicate)
  }

  @Test(
    "random losses, doubles and shuffles within the window are counted exactly",
    arguments: 1...40 as ClosedRange<UInt64>)
  func random(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var audit = DeliveryAudit()
    var arrivals: [(at: Int, sequence: UInt32)] = []
    var lost = 0
    var doubled = 0
    for index in 0..<2000 {
      let sequence = audit.send()
      let chance = Int.random(in: 0..<100, using: &random)
      if chance < 5 {
        lost += 1
        continue
      }
      arrivals.append((index * 10 + Int.random(in: 0..<300, using: &random), sequence))
      if chance < 10 {
        doubled += 1
        arrivals.append((index * 10 + Int.random(in: 0..<300, using: &random), sequence))
      }
    }
    arrivals.sort { ($0.at, $0.sequence) < ($1.at, $1.sequence) }
    var highest: UInt32 = 0
    var seen: Set<UInt32> = []
    var outOfOrder = 0
    for (_, sequence) in arrivals {
      if seen.insert(sequence).inserted {
        if sequence < highest { outOfOrder += 1 }
        highest = max(highest, sequence)
      }
      _ = audit.receive(sequence)
    }
    audit.settle()
    #expect(audit.lost == lost, "seed \(seed)")
    #expect(audit.duplicated == doubled, "seed \(seed)")
    #expect(audit.reordered == outOfOrder, "seed \(seed)")
    #expect(audit.received == 2000 - lost, "seed \(seed)")
  }
}
