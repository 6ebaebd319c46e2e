/// Splits a number of closings over the workers, in proportion to what each has open.
enum Shares {
  /// The parts sum to `count`, or to all there is if that is less; none is larger than what its worker has.
  static func split(_ count: Int, over open: [Int]) -> [Int] {
    let total = open.reduce(0, +)
    let wanted = min(max(count, 0), total)
    guard total > 0 else { return open.map { _ in 0 } }
    var shares = open.map { Int((Double($0) / Double(total) * Double(wanted)).rounded(.down)) }
    var left = wanted - shares.reduce(0, +)
    while left > 0 {
      for index in shares.indices where left > 0 && shares[index] < open[index] {
        shares[index] += 1
        left -= 1
      }
    }
    return shares
  }
}
