import Bytes
import Testing

@testable import FleetState

@Suite struct DrainSharesTests {
  @Test("shares add up, follow the proportions, and ask of nobody more than he has", arguments: 0..<200)
  func shares(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let unasked = (0..<Int.random(in: 1...8, using: &random)).map { _ in
      Int.random(in: 0...50, using: &random)
    }
    let total = unasked.reduce(0, +)
    let count = Int.random(in: 0...(total + 5), using: &random)
    let shares = Drain.shares(of: count, unasked: unasked)
    #expect(shares.reduce(0, +) == min(count, total), "seed \(seed)")
    #expect(zip(shares, unasked).allSatisfy { $0 >= 0 && $0 <= $1 }, "seed \(seed)")
    for (share, part) in zip(shares, unasked) where total > 0 {
      let exact = Double(min(count, total)) * Double(part) / Double(total)
      #expect(abs(Double(share) - exact) <= 1, "seed \(seed)")
    }
  }

  @Test("nobody there, nothing asked, and nonsense share out nothing")
  func nothing() {
    #expect(Drain.shares(of: 5, unasked: []) == [])
    #expect(Drain.shares(of: 5, unasked: [0, 0]) == [0, 0])
    #expect(Drain.shares(of: -5, unasked: [3, 4]) == [0, 0])
    #expect(Drain.shares(of: 2, unasked: [-7, 2]) == [0, 2])
  }
}
