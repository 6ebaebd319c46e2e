/// When a generator was at its own limit, judged each second: then it measures itself, and its figures are an upper
/// bound for the server's.
public struct Strain: Equatable, Sendable {
  private var cpu: UInt64 = 0
  private var sent = 0
  private var late = 0

  public init() {}

  /// In: the sums since the run began, and the time since the last look. True when more than nine tenths of it were
  /// spent computing, when one send in fifty was late, or when one turn took a tenth of a second: too long to hear
  /// anything in time.
  public mutating func look(
    cpu: UInt64, sent: Int, late: Int, longestTurn: UInt64, nanoseconds: UInt64
  ) -> Bool {
    defer { (self.cpu, self.sent, self.late) = (cpu, sent, late) }
    let busy = cpu - min(cpu, self.cpu)
    let lateNow = late - self.late
    return Double(busy) > 0.9 * Double(nanoseconds) || lateNow > (sent - self.sent) / 50 && lateNow > 1
      || longestTurn > 100_000_000
  }
}

extension RunFigures {
  /// In seconds of the run: `[12..<19]` when some generator was at its limit then.
  public var strained: [Range<UInt64>] {
    let width = strainedSeconds.stepNanoseconds / 1_000_000_000
    var spans: [Range<UInt64>] = []
    for (step, count) in strainedSeconds.steps.enumerated() where count > 0 {
      let begin = UInt64(step) * width
      if let last = spans.last, last.upperBound == begin {
        spans[spans.count - 1] = last.lowerBound..<begin + width
      } else {
        spans.append(begin..<begin + width)
      }
    }
    return spans
  }
}
