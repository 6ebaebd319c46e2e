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
    case reconnects
  }

  enum Time: String, CaseIterable, Sendable {
    case intended = ""
    case service = "service_"
    case connect = "connect_"
    case reconnect = "reconnect_"
  }

  enum Statistic: String, CaseIterable, Sendable {
    case mean, p50, p90, p99, p999, max
  }

  init?(_ name: String) {
    if let count = Count(rawValue: name) {
      self = .count(count)
      return
    }
    for time in Time.allCases where name.hasPrefix(time.rawValue) {
      if let statistic = Statistic(rawValue: String(name.dropFirst(time.rawValue.count))) {
        self = .time(time, statistic)
        return
      }
    }
    return nil
  }

  var isTime: Bool {
    switch self {
    case .count: false
    case .time: true
    }
  }

  /// Times come in microseconds.
  func value(in figures: RunFigures) -> Double {
    switch self {
    case .count(let count): Double(count.value(in: figures))
    case .time(let time, let statistic): statistic.value(in: time.histogram(in: figures)) / 1000
    }
  }

  /// False for a time of which there is not one, though there was reason for some: a server that answers nothing
  /// has no slow answers, and that shall not pass for speed.
  func isMeasured(in figures: RunFigures) -> Bool {
    switch self {
    case .count: true
    case .time(let time, _): !time.histogram(in: figures).isEmpty || !time.isExpected(in: figures)
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
    case .reconnects: Int(clamping: figures.reconnect.count)
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
    }
  }

  fileprivate func isExpected(in figures: RunFigures) -> Bool {
    switch self {
    case .intended, .service: figures.sent > 0
    case .connect: figures.wanted > 0
    case .reconnect: figures.drops.total > 0
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
    + Figure.Time.allCases.flatMap { time in Figure.Statistic.allCases.map { time.rawValue + $0.rawValue } }
}
