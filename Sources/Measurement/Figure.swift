/// One figure of a run, found by the name people write: a count, or a statistic of times.
enum Figure: Equatable, Sendable {
  case count(Count)
  case time(Time, Statistic)

  enum Count: String, CaseIterable, Sendable {
    case opened, wanted
    case heldMost = "held_max"
    case openAtEnd = "open_at_end"
    case failed, drops, sent, received, lost, duplicated, reordered, corrupt
    case lateSends = "late_sends"
    case unsent, overdue, published, unpublished, reconnects
    case acked, unreceipted, refused, resumed, recovered, unrecovered, moved
    case toldLost = "told_lost"
    case frozen = "sockets_over_10ms"
    case herdPeak = "herd_peak"
  }

  enum Time: CaseIterable, Sendable {
    case intended, service, connect, reconnect, freeze, blackout, recovery, steady, during

    /// `p99` is written `service_p99`, `p99_during`.
    func name(_ statistic: String) -> String {
      switch self {
      case .intended: statistic
      case .service: "service_" + statistic
      case .connect: "connect_" + statistic
      case .reconnect: "reconnect_" + statistic
      case .freeze: "freeze_" + statistic
      case .blackout: "blackout_" + statistic
      case .recovery: "recovery_" + statistic
      case .steady: statistic + "_steady"
      case .during: statistic + "_during"
      }
    }
  }

  enum Statistic: String, CaseIterable, Sendable {
    case mean, p50, p90, p99, p999, max
  }

  init?(_ name: String) {
    if let count = Count(rawValue: name) {
      self = .count(count)
      return
    }
    for time in Time.allCases {
      if let statistic = Statistic.allCases.first(where: { time.name($0.rawValue) == name }) {
        self = .time(time, statistic)
        return
      }
    }
    return nil
  }

  /// Only a run with a restart has it.
  var needsRestart: Bool {
    switch self {
    case .time(.steady, _), .time(.during, _), .time(.recovery, _): true
    case .count, .time: false
    }
  }

  /// Whatever comes, it will not become smaller.
  var onlyGrows: Bool {
    switch self {
    case .count(.openAtEnd), .count(.recovered): false
    case .count, .time(_, .max): true
    case .time: false
    }
  }

  var isTime: Bool {
    switch self {
    case .count: false
    case .time: true
    }
  }

  /// Times come in microseconds; nil where there is not one.
  func measured(in figures: RunFigures) -> Double? {
    switch self {
    case .count(let count): Double(count.value(in: figures))
    case .time(let time, let statistic):
      time.histogram(in: figures).isEmpty ? nil : statistic.value(in: time.histogram(in: figures)) / 1000
    }
  }

  /// Whether there was reason for at least one.
  func isExpected(in figures: RunFigures) -> Bool {
    switch self {
    case .count: true
    case .time(let time, _): time.isExpected(in: figures)
    }
  }
}

extension Figure.Count {
  fileprivate func value(in figures: RunFigures) -> Int {
    switch self {
    case .opened: figures.opened
    case .wanted: figures.wanted
    case .heldMost: figures.heldMost
    case .openAtEnd: figures.openAtEnd
    case .failed: figures.failed.total
    case .drops: figures.drops.total
    case .sent: figures.sent
    case .received: figures.received
    case .lost: figures.lost
    case .duplicated: figures.duplicated
    case .reordered: figures.reordered
    case .corrupt: figures.corrupt
    case .lateSends: figures.lateSends
    case .unsent: figures.unsent
    case .overdue: figures.overdue
    case .published: figures.published
    case .unpublished: figures.unpublished
    case .acked: figures.acked
    case .unreceipted: figures.unreceipted
    case .refused: figures.refused
    case .resumed: figures.resumed
    case .recovered: figures.recovered
    case .unrecovered: figures.unrecovered
    case .moved: figures.moved
    case .toldLost: figures.toldLost
    case .reconnects: Int(clamping: figures.reconnect.count)
    case .frozen: figures.frozen
    case .herdPeak: figures.herd.peak
    }
  }
}

extension Figure.Time {
  fileprivate func histogram(in figures: RunFigures) -> Histogram {
    switch self {
    case .intended: figures.intended
    case .service: figures.service
    case .connect: figures.connect
    case .reconnect: figures.reconnect
    case .freeze: figures.freeze
    case .blackout: figures.blackouts
    case .recovery: figures.recovery.times
    case .steady: figures.steady
    case .during: figures.during
    }
  }

  fileprivate func isExpected(in figures: RunFigures) -> Bool {
    switch self {
    case .intended, .service, .freeze: figures.sent > 0
    case .connect: figures.wanted > 0
    case .reconnect: figures.drops.total > 0
    // There may have been none.
    case .blackout: false
    case .steady, .during, .recovery: true
    }
  }
}

extension Figure.Statistic {
  fileprivate func value(in histogram: Histogram) -> Double {
    switch self {
    case .mean: histogram.mean
    case .p50: Double(histogram.percentile(50))
    case .p90: Double(histogram.percentile(90))
    case .p99: Double(histogram.percentile(99))
    case .p999: Double(histogram.percentile(99.9))
    case .max: Double(histogram.max)
    }
  }
}

/// The names of all figures, for help and for whoever misspells one.
public enum Figures {
  public static let names: [String] =
    Figure.Count.allCases.map(\.rawValue)
    + Figure.Time.allCases.flatMap { time in Figure.Statistic.allCases.map { time.name($0.rawValue) } }

  /// The same in one line: what is counted, then what is timed.
  public static let explanation: String = {
    let statistics = Figure.Statistic.allCases.map(\.rawValue)
    let variants = Figure.Time.allCases.map { $0.name("*") }.filter { $0 != "*" }
    return (Figure.Count.allCases.map(\.rawValue) + statistics).joined(separator: ", ")
      + ", and of these times also " + variants.joined(separator: ", ")
  }()
}
