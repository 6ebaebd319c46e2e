extension Drain {
  /// Who closes how many: splits `count` over the workers in proportion to what each has not yet asked to go. The
  /// shares add up to `count`, or to all there are, and no worker gets more than it has.
  package static func shares(of count: Int, unasked: [Int]) -> [Int] {
    // No machine has more sockets than this, and so no sum or product below can overflow.
    let open = unasked.map { UInt64(UInt32(clamping: $0)) }
    let total = open.reduce(0, +)
    if total == 0 { return unasked.map { _ in 0 } }
    let wanted = min(UInt64(clamping: count), total)
    // Cumulative rounding: what is behind the point in one share is made up for in the next.
    var seen: UInt64 = 0
    var given: UInt64 = 0
    return open.map { part in
      seen &+= part
      let (high, low) = wanted.multipliedFullWidth(by: seen)
      let due = total.dividingFullWidth((high, low)).quotient
      defer { given = due }
      return Int(due - given)
    }
  }
}
