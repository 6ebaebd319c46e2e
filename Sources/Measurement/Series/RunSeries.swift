/// A run step by step, a quarter of a second each to begin with. Bounded: when there are more steps than room,
/// neighbours are folded into one and a step lasts twice as long; nothing is forgotten.
package struct RunSeries: Equatable, Sendable {
  package private(set) var steps: [SeriesStep] = []
  package private(set) var stepNanoseconds = Self.finest
  /// All steps in one.
  package private(set) var total = SeriesStep()

  package static let finest: UInt64 = 250_000_000

  /// Two minutes of the finest steps; an hour has 450 of eight seconds.
  package static let mostSteps = 512

  package init() {}

  /// What a generator has seen in the step `time` falls into, in nanoseconds of the run.
  package mutating func add(_ step: SeriesStep, at time: UInt64) {
    while time / stepNanoseconds >= UInt64(Self.mostSteps) { fold() }
    let place = Int(time / stepNanoseconds)
    while steps.count <= place { steps.append(SeriesStep()) }
    steps[place].add(step)
    total.add(step)
  }

  /// The coarser of the two decides how long a step is.
  package mutating func merge(_ other: RunSeries) {
    var other = other
    while other.stepNanoseconds < stepNanoseconds { other.fold() }
    while stepNanoseconds < other.stepNanoseconds { fold() }
    for (place, step) in other.steps.enumerated() {
      if place == steps.count { steps.append(SeriesStep()) }
      steps[place].add(step)
    }
    total.add(other.total)
  }

  /// What a file says; nil for steps no folding leads to.
  package init?(steps: [SeriesStep], stepNanoseconds: UInt64) {
    guard steps.count <= Self.mostSteps, stepNanoseconds % Self.finest == 0,
      (stepNanoseconds / Self.finest).nonzeroBitCount == 1
    else { return nil }
    self.steps = steps
    self.stepNanoseconds = stepNanoseconds
    for step in steps { total.add(step) }
  }

  package var stepSeconds: Double { Double(stepNanoseconds) / 1e9 }

  /// How many sockets were open at the end of each step.
  package var open: [Int] {
    var count = 0
    return steps.map { step in
      count = max(0, count.addingClamped(step.joined).addingClamped(-step.left))
      return count
    }
  }

  /// The same in steps at least as long as `nanoseconds`.
  package func folded(to nanoseconds: UInt64) -> RunSeries {
    var series = self
    while series.stepNanoseconds < nanoseconds, series.stepNanoseconds < .max / 4 { series.fold() }
    return series
  }

  private mutating func fold() {
    steps = stride(from: 0, to: steps.count, by: 2).map { first in
      var step = steps[first]
      if first + 1 < steps.count { step.add(steps[first + 1]) }
      return step
    }
    stepNanoseconds *= 2  // 2^64 ns are 2^36 of the finest: it folds 27 times at most
  }
}
