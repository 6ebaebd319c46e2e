/// How much came in each of the last seconds, by the clock of whoever wrote it down.
struct Rhythm: Equatable, Sendable {
  private struct Second: Equatable {
    var time: UInt64
    var count = 0
    var bytes = 0
  }

  private var seconds: [Second] = []
  private static let most = 600

  /// Seconds come in order; what is older than the newest counts for that one.
  mutating func add(at time: UInt64, bytes: Int) {
    if seconds.last.map({ $0.time < time }) ?? true { seconds.append(Second(time: time)) }
    seconds[seconds.count - 1].count += 1
    seconds[seconds.count - 1].bytes &+= bytes
    if seconds.count >= 2 * Self.most { seconds.removeFirst(seconds.count - Self.most) }
  }

  /// Oldest first, up to the last second that is over. A second in which nothing came is a zero.
  func series(before now: UInt64) -> (counts: [Double], bytes: [Double]) {
    guard let first = seconds.first?.time, first < now else { return ([], []) }
    let start = max(first, now - min(now, UInt64(Self.most)))
    var counts = [Double](repeating: 0, count: Int(now - start))
    var bytes = counts
    for second in seconds where second.time >= start && second.time < now {
      counts[Int(second.time - start)] = Double(second.count)
      bytes[Int(second.time - start)] = Double(second.bytes)
    }
    return (counts, bytes)
  }
}
