import Measurement

/// Whose turn it is: the sockets' phases are in order, so the next send is always the next socket's, round and
/// round, at a constant price.
struct SendRing {
  private let phases: [UInt64]
  private let period: UInt64?
  private let begins: UInt64
  private var cursor = 0
  private var round: UInt64 = 0

  /// From `begins` on.
  init(_ schedule: Schedule, sockets: Range<Int>, begins: UInt64 = 0) {
    period = sockets.isEmpty ? nil : schedule.period
    self.begins = begins
    phases = sockets.map { schedule.phase(of: $0) }
  }

  /// When the next send is due, in nanoseconds of the run.
  var due: UInt64? {
    guard let period else { return nil }
    return begins &+ phases[cursor] &+ round &* period
  }

  /// The socket that is due, counted from the first of this ring; the next one is due then.
  mutating func take() -> Int {
    defer {
      cursor += 1
      if cursor == phases.count {
        cursor = 0
        round &+= 1
      }
    }
    return cursor
  }
}
