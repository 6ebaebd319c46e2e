/// What happened in one step of a run's time. Everything in it can be added up, over generators and over time, so
/// nothing depends on who counted it or how fine the steps were.
package struct SeriesStep: Equatable, Sendable {
  package var sent = 0
  package var received = 0
  /// Sockets that were established, for the first time or again.
  package var joined = 0
  /// Sockets that were open no more: dropped, or gone by the plan or a hint.
  package var left = 0
  /// Established sockets that ended without having been meant to, by what ended them.
  package var drops = Tally()
  package var reconnects = 0
  /// Attempts to open or to come back that did not succeed.
  package var failed = 0
  package var unsent = 0
  package var lateSends = 0
  /// What the generators' processors did, in nanoseconds.
  package var busyNanoseconds = 0
  /// From the intended time, in nanoseconds, by when the answer came.
  package var latency = PackedHistogram()

  package init() {}

  package mutating func add(_ other: SeriesStep) {
    for field in Self.counts {
      self[keyPath: field] = self[keyPath: field].addingClamped(other[keyPath: field])
    }
    if !other.drops.counts.isEmpty { drops.merge(other.drops) }
    latency.merge(other.latency)
  }

  static var counts: [WritableKeyPath<SeriesStep, Int>] {
    [
      \.sent, \.received, \.joined, \.left, \.reconnects, \.failed, \.unsent, \.lateSends, \.busyNanoseconds,
    ]
  }
}
