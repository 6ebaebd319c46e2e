/// What of one run can be held against another.
package struct Evidence: Equatable, Sendable {
  /// The latency of each step after the opening.
  private let steady: [Histogram]
  package var wanted = 0
  package var sent = 0
  package var lost = 0
  package var duplicated = 0
  package var reordered = 0
  package var corrupt = 0
  package var unsent = 0
  package var drops = 0
  package var failed = 0

  package init(_ series: RunSeries) {
    steady = series.steps[Self.steadyFrom(series)...].map(\.latency.histogram)
  }

  struct Count {
    let name: String
    let count: KeyPath<Evidence, Int>
    /// How often it could have happened.
    let stake: KeyPath<Evidence, Int>
  }

  static var counts: [Count] {
    [
      Count(name: "lost", count: \.lost, stake: \.sent),
      Count(name: "duplicated", count: \.duplicated, stake: \.sent),
      Count(name: "reordered", count: \.reordered, stake: \.sent),
      Count(name: "corrupt", count: \.corrupt, stake: \.sent),
      Count(name: "unsent", count: \.unsent, stake: \.sent),
      Count(name: "drops", count: \.drops, stake: \.wanted),
      Count(name: "failed", count: \.failed, stake: \.wanted),
    ]
  }

  /// Of the steps after the opening, how many there are, and in how many even the 90th percentile was beyond `bound`:
  /// a server that stalls now and then is fast in the middle.
  func slowSteps(beyond bound: Double) -> (slow: Int, all: Int) {
    let measured = tails
    return (measured.count { $0 > bound }, measured.count)
  }

  /// The 90th percentile of each step after the opening, in nanoseconds.
  var tails: [Double] { steady.filter { !$0.isEmpty }.map { Double($0.percentile(90)) } }

  /// Fewer tell nothing about chance.
  package static let fewestBlocks = 12
  private static let mostBlocks = 64
  static let slowTimes = 3.0

  /// The figure in equal stretches of the run, long enough for each to have so many messages as the figure takes.
  /// What came while sockets were still being opened is left out; what came around a restart is not.
  func blocks(of figure: LatencyFigure) -> [Double] {
    var histograms = steady
    // The last step is rarely a whole one.
    if histograms.count > 1 { histograms.removeLast() }
    var size = max(1, (histograms.count + Self.mostBlocks - 1) / Self.mostBlocks)
    while size <= histograms.count / Self.fewestBlocks {
      let blocks = Self.merged(histograms, size)
      if blocks.allSatisfy({ $0.count >= figure.fewestMessages }) { return blocks.map(figure.value) }
      size += 1
    }
    return []
  }

  /// The first step that began a second after all that were ever open at once, nearly, were open.
  private static func steadyFrom(_ series: RunSeries) -> Int {
    let open = series.open
    let most = Double(open.max() ?? 0) * 0.99
    let full = open.firstIndex { Double($0) >= most } ?? 0
    let second = Int((1_000_000_000 + series.stepNanoseconds - 1) / series.stepNanoseconds)
    return min(open.count, full + 1 + second)
  }

  private static func merged(_ histograms: [Histogram], _ size: Int) -> [Histogram] {
    stride(from: 0, through: histograms.count - size, by: size).map { first in
      var block = histograms[first]
      for histogram in histograms[(first + 1)..<(first + size)] { block.merge(histogram) }
      return block
    }
  }
}

/// What two runs' latencies are compared by.
enum LatencyFigure: String, CaseIterable, Sendable {
  case mean, p50, p90, p99, p999

  /// A handful of messages beyond the percentile, in each block.
  var fewestMessages: UInt64 {
    switch self {
    case .mean, .p50: 20
    case .p90: 50
    case .p99: 300
    case .p999: 3000
    }
  }

  /// In microseconds.
  func value(_ histogram: Histogram) -> Double {
    switch self {
    case .mean: histogram.mean / 1000
    case .p50: Double(histogram.percentile(50)) / 1000
    case .p90: Double(histogram.percentile(90)) / 1000
    case .p99: Double(histogram.percentile(99)) / 1000
    case .p999: Double(histogram.percentile(99.9)) / 1000
    }
  }
}
