import Bytes
import Testing

@testable import FleetState

@Suite("Rebalance plan")
struct RebalancePlanTests {
  private func carryOut(_ open: [Int], _ plan: RebalancePlan) -> [Int] {
    plan.moves.reduce(into: open) {
      $0[$1.from] -= $1.count
      $0[$1.to] += $1.count
    }
  }

  @Test(
    "those that have as many as they can have give nothing",
    arguments: [[], [7], [3, 3], [4, 3], [3, 4], [0, 0, 0], [2, 1, 2]])
  func even(_ open: [Int]) {
    #expect(RebalancePlan(open: open).moves.isEmpty)
  }

  @Test("one that has all gives each of the others its share")
  func allOnOne() {
    let plan = RebalancePlan(open: [0, 200, 0, 0])
    #expect(plan.moves.count == 3)
    #expect(plan.moves.allSatisfy { $0.from == 1 && $0.count == 50 })
  }

  @Test("the largest move comes first")
  func largestFirst() {
    let plan = RebalancePlan(open: [100, 0, 40])
    #expect(plan.moves == [.init(from: 0, to: 1, count: 46), .init(from: 0, to: 2, count: 7)])
  }

  @Test("one that can give none keeps what it has, and the others even out theirs")
  func fixed() {
    #expect(
      RebalancePlan(open: [90, 30, 0], fixed: [0]).moves == [.init(from: 1, to: 2, count: 15)])
    #expect(RebalancePlan(open: [90, 0], fixed: [0]).moves.isEmpty)
    #expect(RebalancePlan(open: [0, 10], fixed: [0]).moves == [.init(from: 1, to: 0, count: 5)])
  }

  @Test("whatever they have, afterwards they differ by one at most", arguments: 0..<200)
  func anything(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let open = (0..<Int.random(in: 1...9, using: &random)).map { _ in
      Int.random(in: 0...300, using: &random)
    }
    let plan = RebalancePlan(open: open)
    let after = carryOut(open, plan)
    #expect((after.max() ?? 0) - (after.min() ?? 0) <= 1, "seed \(seed): \(open)")
    #expect(after.reduce(0, +) == open.reduce(0, +))
    #expect(plan.moves.count < max(1, open.count), "seed \(seed): more moves than needed")
    #expect(plan.moves.allSatisfy { $0.count > 0 && $0.from != $0.to })
  }
}
