/// Everything one generator has counted and measured; those of several merge into the run's.
public struct RunFigures: Equatable, Sendable {
  // Sockets.
  public var wanted = 0
  public var opened = 0
  public var heldMost = 0
  public var openAtEnd = 0
  public var failed = Tally()
  public var drops = Tally()
  /// Attempts to come back that did not succeed.
  public var reconnectFailures = Tally()
  // Messages.
  public var sent = 0
  public var received = 0
  public var lost = 0
  public var duplicated = 0
  public var reordered = 0
  public var corrupt = 0
  /// Notices, broadcasts, what others said.
  public var foreign = 0
  // Times in nanoseconds.
  public var intended = Histogram()
  public var service = Histogram()
  public var connect = Histogram()
  public var reconnect = Histogram()
  public var herd = Herd()
  // The generator's own health.
  public var lateSends = 0
  /// Sends the socket could not take: counted as sent, and lost unless an answer comes after all.
  public var heldBack = 0
  public var cpuNanoseconds: UInt64 = 0
  public var residentBytes = 0
  public var longestTurnNanoseconds: UInt64 = 0

  public init() {}

  /// `heldMost` becomes the sum of what each held at most, though perhaps not at the same moment.
  public mutating func merge(_ other: RunFigures) {
    for field in Self.counts {
      self[keyPath: field] = self[keyPath: field].addingClamped(other[keyPath: field])
    }
    for field in Self.histograms { self[keyPath: field].merge(other[keyPath: field]) }
    failed.merge(other.failed)
    drops.merge(other.drops)
    reconnectFailures.merge(other.reconnectFailures)
    herd.merge(other.herd)
    cpuNanoseconds = cpuNanoseconds.addingClamped(other.cpuNanoseconds)
    longestTurnNanoseconds = max(longestTurnNanoseconds, other.longestTurnNanoseconds)
  }

  /// Sockets that could not be opened and were given up.
  public var unopened: Int { max(0, wanted - opened) }

  static var counts: [WritableKeyPath<RunFigures, Int>] {
    [
      \.wanted, \.opened, \.heldMost, \.openAtEnd, \.sent, \.received, \.lost, \.duplicated, \.reordered,
      \.corrupt,
      \.foreign, \.lateSends, \.heldBack, \.residentBytes,
    ]
  }

  static var histograms: [WritableKeyPath<RunFigures, Histogram>] {
    [\.intended, \.service, \.connect, \.reconnect]
  }
}
