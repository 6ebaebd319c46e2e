/// How often something happened in each second of a run. Bounded: when there are more steps than room, neighbours
/// are folded into one and a step lasts twice as long; nothing is forgotten.
public struct Timeline: Equatable, Sendable {
  public private(set) var steps: [Int] = []
  public private(set) var stepNanoseconds = Self.second

  private static let second: UInt64 = 1_000_000_000

  /// Finer than any chart is wide; folds after some 17 minutes.
  public static let mostSteps = 1024

  public init() {}

  public mutating func add(at nanoseconds: UInt64, _ count: Int = 1) {
    while nanoseconds / stepNanoseconds >= UInt64(Self.mostSteps) { fold() }
    let step = Int(nanoseconds / stepNanoseconds)
    while steps.count <= step { steps.append(0) }
    steps[step] = steps[step].addingClamped(count)
  }

  /// The coarser of the two decides how long a step is.
  public mutating func merge(_ other: Timeline) {
    var other = other
    while other.stepNanoseconds < stepNanoseconds { other.fold() }
    while stepNanoseconds < other.stepNanoseconds { fold() }
    for (step, count) in other.steps.enumerated() {
      if step == steps.count { steps.append(0) }
      steps[step] = steps[step].addingClamped(count)
    }
  }

  /// What another process has seen; nil for steps no folding leads to.
  init?(steps: [Int], stepNanoseconds: UInt64) {
    guard steps.count <= Self.mostSteps, stepNanoseconds % Self.second == 0,
      (stepNanoseconds / Self.second).nonzeroBitCount == 1
    else { return nil }
    self.steps = steps
    self.stepNanoseconds = stepNanoseconds
  }

  public var total: Int { steps.reduce(0) { $0.addingClamped($1) } }

  /// The mean per second of a step.
  public func perSecond(_ step: Int) -> Double {
    Double(steps[step]) * 1e9 / Double(stepNanoseconds)
  }

  private mutating func fold() {
    let folded = stride(from: 0, to: steps.count, by: 2).map { first in
      first + 1 < steps.count ? steps[first].addingClamped(steps[first + 1]) : steps[first]
    }
    steps = folded
    stepNanoseconds *= 2  // 2^64 ns are 2^35 steps of a second: it folds 25 times at most
  }
}
