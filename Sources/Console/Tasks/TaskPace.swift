import FleetState

/// How fast tasks are taken in, done, tried again and given up: what the workers' counts tell between two moments.
struct TaskPace: Equatable, Sendable {
  private struct Moment: Equatable {
    let time: Int64
    let tally: TaskTally
  }

  private var moments: [Moment] = []
  /// Tasks done per second, oldest first.
  private(set) var done: [Double] = []

  private static let over: Int64 = 5000
  private static let mostPoints = 600

  /// `time` is in milliseconds. Records come new once a second, so nothing is gained from looking more often.
  mutating func add(_ tally: TaskTally, at time: Int64) {
    if let last = moments.last, time - last.time < 1000 { return }
    // A worker's counts go with its record: what is less than before begins anew.
    if let last = moments.last, tally.done < last.tally.done { moments.removeAll() }
    let before = moments.last
    moments.append(Moment(time: time, tally: tally))
    moments.removeAll { time - $0.time > Self.over }
    guard let before else { return }
    done.append(Double(tally.done - before.tally.done) * 1000 / Double(time - before.time))
    if done.count >= 2 * Self.mostPoints { done.removeFirst(done.count - Self.mostPoints) }
  }

  /// Per second, over the last five.
  func rate(_ figure: KeyPath<TaskTally, Int>) -> Double {
    guard let first = moments.first, let last = moments.last, last.time > first.time else { return 0 }
    let more = Double(last.tally[keyPath: figure]) - Double(first.tally[keyPath: figure])
    return max(0, more) * 1000 / Double(last.time - first.time)
  }
}
