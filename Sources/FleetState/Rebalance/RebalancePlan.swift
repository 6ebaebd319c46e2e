/// Which worker gives how many of its sockets to which, so that all have as many.
package struct RebalancePlan: Equatable, Sendable {
  package struct Move: Equatable, Sendable {
    package var from: Int
    package var to: Int
    package var count: Int

    package init(from: Int, to: Int, count: Int) {
      self.from = from
      self.to = to
      self.count = count
    }
  }

  /// As few as can be, the largest first.
  package private(set) var moves: [Move] = []

  /// `open[slot]` sockets each; those in `fixed` can give none.
  package init(open: [Int], fixed: Set<Int> = []) {
    var surplus = Self.surplus(open, fixed)
    while let giver = surplus.indices.max(by: { surplus[$0] < surplus[$1] }), surplus[giver] > 0,
      let taker = surplus.indices.min(by: { surplus[$0] < surplus[$1] }), surplus[taker] < 0
    {
      let count = min(surplus[giver], -surplus[taker])
      moves.append(Move(from: giver, to: taker, count: count))
      surplus[giver] -= count
      surplus[taker] += count
    }
    moves.sort { ($0.count, $1.from, $1.to) > ($1.count, $0.from, $0.to) }
  }

  /// What each has too many, or too few. Those that have most keep the sockets that cannot be divided.
  private static func surplus(_ open: [Int], _ fixed: Set<Int>) -> [Int] {
    // Who has too many and cannot give does not count: the others even out what they have.
    var partakers = open.indices.filter { open[$0] >= 0 }
    while true {
      let sum = partakers.reduce(0) { $0 + open[$1] }
      let share = partakers.isEmpty ? 0 : sum / partakers.count
      let stuck = partakers.filter { fixed.contains($0) && open[$0] > share }
      if stuck.isEmpty { return Self.surplus(open, among: partakers, share: share, sum: sum) }
      partakers.removeAll { stuck.contains($0) }
    }
  }

  private static func surplus(_ open: [Int], among partakers: [Int], share: Int, sum: Int) -> [Int] {
    var surplus = open.map { _ in 0 }
    var undivided = sum - share * partakers.count
    for slot in partakers.sorted(by: { (open[$0], $1) > (open[$1], $0) }) {
      surplus[slot] = open[slot] - share - (undivided > 0 ? 1 : 0)
      undivided -= 1
    }
    return surplus
  }
}
