/// So much per second, and a second's worth at once (a token bucket, kept as the one moment until which all is spent).
///
/// The moment is the caller's: for a socket it lies in its record, and so survives the worker.
struct Allowance: Equatable, Sendable {
  let perSecond: Int

  private static let second: UInt64 = 1_000_000_000

  init(perSecond: Int) { self.perSecond = max(1, perSecond) }

  /// Takes so many units, whether they are there or not; what is taken too much is waited for.
  func spend(_ units: Int, from spent: inout UInt64, at now: UInt64) {
    if units <= 0 { return }
    let (product, overflow) = UInt64(units).multipliedReportingOverflow(by: Self.second)
    let cost = overflow ? UInt64.max / 2 : product / UInt64(perSecond)
    let (sum, isTooMuch) = max(spent, now).addingReportingOverflow(cost)
    spent = isTooMuch ? .max : sum
  }

  /// Nil while there is one left; else the moment when there is again.
  func pause(_ spent: UInt64, at now: UInt64) -> UInt64? {
    let (next, overflow) = spent.addingReportingOverflow(Self.second / UInt64(perSecond))
    if overflow { return .max }
    return next > now &+ Self.second ? next &- Self.second : nil
  }
}
