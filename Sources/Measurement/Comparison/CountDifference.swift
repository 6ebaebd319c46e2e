/// Whether two counts, such as what two runs have lost, differ by more than chance would have it. Each of all the
/// events is as likely in the one run as in the other by how much each had at stake: what share of such coin throws
/// falls as far to one side? Exact, and without logarithms: weights are counted from the likeliest outcome.
package struct CountDifference: Equatable, Sendable {
  /// The chance of the second count, or more, if nothing differs.
  package let chanceOfMore: Double
  /// The chance of the second count, or less.
  package let chanceOfLess: Double

  package init(first: Int, of firstStake: Int, second: Int, of secondStake: Int) {
    // Of more than a million only the share matters, and the walk has to end.
    let scale = max(1, max(0, first).addingClamped(max(0, second)) / 1_000_000)
    let second = max(0, second) / scale
    let total = max(0, first) / scale + second
    let stake = Double(max(1, firstStake)) + Double(max(1, secondStake))
    let share = Double(max(1, secondStake)) / stake
    let likeliest = min(total, Int(Double(total) * share))
    var (all, more, less) = (0.0, 0.0, 0.0)
    func book(_ outcome: Int, _ weight: Double) {
      all += weight
      if outcome >= second { more += weight }
      if outcome <= second { less += weight }
    }
    var weight = 1.0
    var outcome = likeliest
    while weight > Self.negligible {
      book(outcome, weight)
      if outcome == total { break }
      weight *= Double(total - outcome) / Double(outcome + 1) * share / (1 - share)
      outcome += 1
    }
    weight = 1
    outcome = likeliest
    while outcome > 0 {
      weight *= Double(outcome) / Double(total - outcome + 1) * (1 - share) / share
      outcome -= 1
      if weight <= Self.negligible { break }
      book(outcome, weight)
    }
    chanceOfMore = more / all
    chanceOfLess = less / all
  }

  private static let negligible = 1e-15
}
