import Bytes
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

  @Test(
    "however wild the answers, each message is received, lost or awaited",
    arguments: 1...30 as ClosedRange<UInt64>)
  func books(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var audit = DeliveryAudit()
    var seen: Set<UInt32> = []
    var again: UInt32 = 0
    for _ in 0..<5000 {
      switch Int.random(in: 0..<100, using: &random) {
      case 0..<50: _ = audit.send()
      case 50..<51: audit.settle()
      default:
        let reach = UInt32.random(in: 1...400, using: &random)
        let lowest = audit.sent > reach ? audit.sent - reach : 0
        let sequence = UInt32.random(in: lowest...audit.sent, using: &random)
        let judgement = audit.receive(sequence)
        #expect((judgement == .unknown) == (sequence == audit.sent), "seed \(seed)")
        if judgement != .unknown, !seen.insert(sequence).inserted {
          again += 1
          #expect(judgement == .duplicate, "seed \(seed)")
        }
      }
      #expect(audit.sent == audit.received + audit.lost + audit.outstanding, "seed \(seed)")
    }
    audit.settle()
    #expect(audit.outstanding == 0)
    #expect(audit.sent == audit.received + audit.lost, "seed \(seed)")
    // Never fewer duplicates than there were; more only where the memory ended.
    #expect(audit.duplicated >= again, "seed \(seed)")
    #expect(audit.duplicated - again == UInt32(seen.count) - audit.received, "seed \(seed)")
  }

  @Test(
    "the window is 64 wide, and its memory 128 long", arguments: [63, 64, 65, 190, 191, 192, 193] as [UInt32])
  func edges(_ passed: UInt32) {
    var audit = self.audit(sending: 300)
    for sequence in 1...passed { _ = audit.receive(sequence) }
    #expect(audit.lost == (passed >= 64 ? 1 : 0))
    let judgement = audit.receive(0)
    // Giving up number 0 settles all that had come behind it at once.
    #expect(judgement == (passed < 64 ? .reordered : passed < 128 ? .late : .duplicate))
  }

  @Test("a dropped connection's books are closed, and the next one's begin clean")
  func dropped() {
    var audit = self.audit(sending: 10)
    for sequence: UInt32 in 0..<7 { _ = audit.receive(sequence) }
    audit.settle()
    #expect((audit.lost, audit.outstanding) == (3, 0))
    #expect(audit.send() == 10)
    #expect(audit.receive(10) == .inOrder)
    audit.settle()
    #expect((audit.sent, audit.received, audit.lost) == (11, 8, 3))
  }

  @Test("thousands lie side by side in little memory")
  func size() {
    #expect(MemoryLayout<DeliveryAudit>.stride == 48)
  }

  @Test("what is missing is named, whether the window holds it or has passed it")
  func missing() {
    var audit = DeliveryAudit()
    for _ in 0..<100 { _ = audit.send() }
    for number: UInt32 in [0, 1, 3, 5] { _ = audit.receive(number) }
    var names: [UInt32] = []
    audit.forEachMissing(before: 8) { names.append($0) }
    #expect(names == [2, 4, 6, 7])
    #expect(audit.givesUp(before: 65) == nil && audit.givesUp(before: 100) == nil)
    #expect(audit.givesUp(before: 70) == 7)
    names = []
    audit.forEachMissing { names.append($0) }
    #expect(names.count == Int(audit.outstanding))
    #expect(names == (0..<200).filter { audit.isMissing($0) })
    audit.settle()
    #expect(!(0..<200).contains { audit.isMissing($0) })
  }

  @Test("who hears what others say begins with the next of it")
  func hearing() {
    var audit = DeliveryAudit()
    audit.begin(at: 40)
    #expect(audit.outstanding == 0)
    audit.expect(before: 43)
    #expect(audit.receive(41) == .inOrder && audit.receive(42) == .inOrder && audit.receive(43) == .unknown)
    audit.settle()
    #expect(audit.lost == 1 && audit.received == 2)
  }
}
