import Bytes
import Testing

@testable import FleetState

@Suite struct TaskSettlementTests {
  private let id: Name

  init() throws { id = try #require(Name("7f")) }

  private func settle(_ outcome: TaskSettlement.Outcome, _ attempt: Int, seed: UInt64 = 1) -> TaskSettlement {
    var random = SplitMix64(seed: seed)
    return TaskSettlement(id, outcome, attempt: attempt, at: 9, using: &random)
  }

  @Test("done is done, at whatever attempt")
  func done() {
    let settlement = settle(.done, 5)
    #expect(settlement.verdict == .done)
    #expect(settlement.event == TaskEvent(id, .done, attempt: 5, at: 9))
  }

  @Test("four failures are tried again, later each time and never at once", arguments: 1...4)
  func again(_ attempt: Int) {
    var longest = Duration.zero
    for seed in UInt64(1)...500 {
      let settlement = settle(.failed(reason: "no"), attempt, seed: seed)
      guard case .again(let pause) = settlement.verdict else {
        Issue.record("attempt \(attempt), seed \(seed): \(settlement.verdict)")
        return
      }
      #expect(settlement.event == TaskEvent(id, .retrying, attempt: attempt, at: 9, reason: "no"))
      #expect(pause >= .milliseconds(200) && pause <= .seconds(1 << (attempt - 1)))
      longest = max(longest, pause)
    }
    #expect(longest > .seconds(1 << (attempt - 1)) * 0.9, "the pauses fill their room")
  }

  @Test("the fifth failure is the last, and so is any beyond it", arguments: [5, 6, Int.max])
  func dead(_ attempt: Int) {
    let settlement = settle(.failed(reason: "no"), attempt)
    #expect(settlement.verdict == .dead)
    #expect(settlement.event.status == .failed)
  }

  @Test("what no attempt can mend is not tried again")
  func refused() {
    let settlement = settle(.refused(reason: "never\u{7}"), 1)
    #expect(settlement.verdict == .dead)
    #expect(settlement.event.reason == "never\u{FFFD}")
  }

  @Test("a reason has its bound")
  func bound() throws {
    let reason = try #require(settle(.refused(reason: String(repeating: "x", count: 5000)), 1).event.reason)
    #expect(reason.unicodeScalars.count == TaskSettlement.longestReason + 1)
  }

  @Test("names are UUIDs of version 4, and no two alike")
  func names() throws {
    var random = SplitMix64(seed: 7)
    var seen: Set<Name> = []
    for _ in 0..<1000 {
      let id = TaskID.make(using: &random)
      let parts = id.text.split(separator: "-")
      #expect(parts.map(\.utf8.count) == [8, 4, 4, 4, 12])
      let variant = try #require(parts[3].first)
      #expect(parts[2].first == "4" && "89ab".contains(variant))
      seen.insert(id)
    }
    #expect(seen.count == 1000)
  }
}
