/// Takes a generator's figures apart into steps: what has come to them since it looked last. A look costs some
/// microseconds, a message nothing.
package struct Sampler: Sendable {
  private var sent = 0
  private var received = 0
  private var joined = 0
  private var left = 0
  private var reconnects = 0
  private var failed = 0
  private var unsent = 0
  private var lateSends = 0
  private var busy: UInt64 = 0
  private var drops = Tally()
  private var latency = Histogram()

  /// `busy`: the processor time used until now.
  package init(busy: UInt64) { self.busy = busy }

  package mutating func look(at figures: RunFigures, busy now: UInt64) -> SeriesStep {
    var step = SeriesStep()
    step.sent = Self.advance(&sent, to: figures.sent)
    step.received = Self.advance(&received, to: figures.received)
    step.reconnects = Self.advance(&reconnects, to: Int(clamping: figures.reconnect.count))
    step.joined = Self.advance(&joined, to: figures.joined)
    step.left = Self.advance(&left, to: figures.left)
    step.failed = Self.advance(&failed, to: figures.failed.total + figures.reconnectFailures.total)
    step.unsent = Self.advance(&unsent, to: figures.unsent)
    step.lateSends = Self.advance(&lateSends, to: figures.lateSends)
    step.busyNanoseconds = Int(clamping: now - min(now, busy))
    busy = now
    step.drops = figures.drops.since(drops)
    drops = figures.drops
    step.latency = PackedHistogram(figures.intended.since(latency) ?? figures.intended)
    latency = figures.intended
    return step
  }

  private static func advance(_ count: inout Int, to now: Int) -> Int {
    defer { count = now }
    return now - count
  }
}

extension Tally {
  /// What was added since `earlier`, a copy of this one made then.
  fileprivate func since(_ earlier: Tally) -> Tally {
    var more = Tally()
    if self == earlier { return more }
    for (cause, count) in counts where count > earlier.counts[cause, default: 0] {
      more.add(cause, count - earlier.counts[cause, default: 0])
    }
    return more
  }
}
