/// How long after each restart the latency is back at its base.
///
/// Messages are sorted by when they were meant to leave, in steps of 100 ms from the first restart on; slow is what
/// takes longer than the base allows, or cannot be sent because its socket is away. A step is disturbed when more than
/// one in fifty of its messages was slow. Back is where ten steps in a row are not, after the restart has ended.
public struct Recovery: Equatable, Sendable {
  struct Step: Equatable, Sendable {
    var all = 0
    var slow = 0

    var isDisturbed: Bool { slow > 0 && slow > all / 50 }
  }

  /// 10 ms: what people do not notice, and what a restart may cost.
  public static let slowFrom: UInt64 = 10_000_000
  public static let stepNanoseconds: UInt64 = 100_000_000
  /// An hour.
  public static let mostSteps = 36_000
  private static let calmSteps = 10

  private(set) var begins: [UInt64] = []
  /// The end of time until a restart has ended.
  private(set) var ends: [UInt64] = []
  private(set) var steps: [Step] = []
  /// What is slow; nil before the first message of a restart asked for it.
  public private(set) var limit: UInt64?

  public init() {}

  /// For restarts that begin at these times of the run, in order.
  public init(begins: [UInt64]) {
    self.begins = begins.sorted()
    ends = begins.map { _ in .max }
  }

  /// Twice the 99th percentile of the steady time, and two milliseconds more at least; without a steady time 10 ms.
  public mutating func settle(base: Histogram) {
    let percentile = base.percentile(99)
    limit = base.isEmpty ? Self.slowFrom : percentile.addingClamped(max(percentile, 2_000_000))
  }

  public mutating func end(_ number: Int, at now: UInt64) {
    if ends.indices.contains(number) { ends[number] = now }
  }

  /// Whether a message that was meant to leave then is of any interest.
  @inline(__always)
  public func concerns(_ intended: UInt64) -> Bool { begins.first.map { intended >= $0 } ?? false }

  public mutating func add(intended: UInt64, latency: UInt64) {
    add(intended, isSlow: latency > limit ?? Self.slowFrom)
  }

  /// It could not leave when it was due.
  public mutating func addUnsent(intended: UInt64) { add(intended, isSlow: true) }

  private mutating func add(_ intended: UInt64, isSlow: Bool) {
    guard let first = begins.first, intended >= first else { return }
    let place = (intended - first) / Self.stepNanoseconds
    guard place < UInt64(Self.mostSteps) else { return }
    while steps.count <= Int(place) { steps.append(Step()) }
    steps[Int(place)].all = steps[Int(place)].all.addingClamped(1)
    if isSlow { steps[Int(place)].slow = steps[Int(place)].slow.addingClamped(1) }
  }

  /// From the beginning of restart `number` to the end of its last disturbed step; nil while it is not over.
  public func time(after number: Int) -> UInt64? {
    guard begins.indices.contains(number), ends[number] < .max else { return nil }
    let first = step(at: begins[number])
    let next = number + 1 < begins.count ? step(at: begins[number + 1]) : steps.count
    let over = step(at: ends[number])
    var back = first
    var calm = 0
    for place in first..<max(first, min(next, steps.count)) {
      if steps[place].isDisturbed {
        back = place + 1
        calm = 0
      } else {
        calm += 1
        if calm >= Self.calmSteps && place >= over + Self.calmSteps { break }
      }
    }
    return UInt64(back - first) * Self.stepNanoseconds
  }

  private func step(at time: UInt64) -> Int {
    Int(clamping: (time - min(time, begins.first ?? 0)) / Self.stepNanoseconds)
  }

  /// One value for each restart that is over.
  public var times: Histogram {
    begins.indices.reduce(into: Histogram()) { times, number in
      if let time = time(after: number) { times.record(time) }
    }
  }

  /// Of another generator of the same run.
  public mutating func merge(_ other: Recovery) {
    if begins.isEmpty { begins = other.begins }
    if ends.isEmpty { ends = other.ends }
    for (number, end) in other.ends.enumerated() where number < ends.count {
      ends[number] = min(ends[number], end)
    }
    limit = other.limit.map { max($0, limit ?? 0) } ?? limit
    for (place, step) in other.steps.enumerated() {
      if place == steps.count { steps.append(Step()) }
      steps[place].all = steps[place].all.addingClamped(step.all)
      steps[place].slow = steps[place].slow.addingClamped(step.slow)
    }
  }

  /// What another process has seen: pairs of begin and end, the limit or 0, then pairs of all and slow. Nil for what
  /// cannot be.
  init?(restarts: [UInt64], limit: UInt64, steps counts: [Int]) {
    guard restarts.count % 2 == 0, counts.count % 2 == 0, counts.count / 2 <= Self.mostSteps else {
      return nil
    }
    for place in stride(from: 0, to: restarts.count, by: 2) {
      begins.append(restarts[place])
      ends.append(restarts[place + 1])
    }
    guard begins == begins.sorted() else { return nil }
    for place in stride(from: 0, to: counts.count, by: 2) {
      steps.append(Step(all: counts[place], slow: counts[place + 1]))
    }
    self.limit = limit == 0 ? nil : limit
  }
}
