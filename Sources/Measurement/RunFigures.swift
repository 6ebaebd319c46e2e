/// Everything one generator has counted and measured; those of several merge into the run's.
public struct RunFigures: Equatable, Sendable {
  // Sockets.
  public var wanted = 0
  public var opened = 0
  public var heldMost = 0
  public var openAtEnd = 0
  /// How often a socket was established, and how often one was open no more: dropped, or gone by the plan or a hint.
  public var joined = 0
  public var left = 0
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
  /// Sockets whose longest silence was longer than `Recovery.slowFrom`.
  public var frozen = 0
  /// The plan wanted them sent, but their socket was away and did not come back in time. They are in no latency.
  public var unsent = 0
  /// Sent late, once their socket was back. Their latency counts from when they were due, as everybody's.
  public var overdue = 0
  /// Said to everybody, and how much of it the server did not take.
  public var published = 0
  public var unpublished = 0
  // In `sluice.v1`.
  /// Messages with a receipt.
  public var acked = 0
  /// Missing, and not lost without a word: their connection ended before a receipt came, the server has refused them,
  /// or told that their range of the stream is gone.
  public var unreceipted = 0
  public var refused = 0
  public var toldLost = 0
  /// Sessions that went on over another connection; how often the server told of a loss.
  public var resumed = 0
  public var unrecovered = 0
  /// Sockets that followed the server's hint, the new connection before the end of the old one.
  public var moved = 0
  /// Frames that left in two parts.
  public var cut = 0
  // Times in nanoseconds.
  public var intended = Histogram()
  public var service = Histogram()
  public var connect = Histogram()
  public var reconnect = Histogram()
  /// Of `intended`, what came before the first restart, and around one.
  public var steady = Histogram()
  public var during = Histogram()
  /// The longest silence of each socket that was ever asked to hear something.
  public var freeze = Histogram()
  /// The longest of them.
  public var outage = Outage()
  /// Each time of more than `Recovery.slowFrom` at which no socket of a generator heard anything.
  public var blackouts = Histogram()
  public var recovery = Recovery()
  public var herd = Herd()
  public var faults = Faults()
  // When it happened. Slow is what took longer than `Recovery.slowFrom`.
  public var answers = Timeline()
  public var slowAnswers = Timeline()
  public var dropTimes = Timeline()
  // The generator's own health.
  public var lateSends = 0
  /// Sends the socket could not take: counted as sent, and lost unless an answer comes after all.
  public var heldBack = 0
  /// Connections that could not be begun because this machine had no port, or this process no descriptor, left.
  public var starved = 0
  /// Seconds in which a generator was at its limit.
  public var strainedSeconds = Timeline()
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
    faults.merge(other.faults)
    outage.merge(other.outage)
    recovery.merge(other.recovery)
    for field in Self.timelines { self[keyPath: field].merge(other[keyPath: field]) }
    cpuNanoseconds = cpuNanoseconds.addingClamped(other.cpuNanoseconds)
    longestTurnNanoseconds = max(longestTurnNanoseconds, other.longestTurnNanoseconds)
  }

  /// Books the longest silence of one socket, which is over.
  public mutating func add(_ silence: Outage) {
    guard silence.longestNanoseconds > 0 else { return }
    freeze.record(silence.longestNanoseconds)
    if silence.longestNanoseconds > Recovery.slowFrom { frozen = frozen.addingClamped(1) }
    outage.merge(silence)
  }

  /// Sessions that went on without a gap.
  public var recovered: Int { max(0, resumed - unrecovered) }

  /// Sockets that could not be opened and were given up.
  public var unopened: Int { max(0, wanted - opened) }

  static var counts: [WritableKeyPath<RunFigures, Int>] {
    [
      \.wanted, \.opened, \.heldMost, \.openAtEnd, \.joined, \.left, \.sent, \.received, \.lost, \.duplicated,
      \.reordered,
      \.corrupt, \.foreign, \.frozen, \.unsent, \.overdue, \.published, \.unpublished, \.acked,
      \.unreceipted, \.refused, \.toldLost, \.resumed, \.unrecovered, \.moved, \.cut, \.lateSends, \.heldBack,
      \.starved, \.residentBytes,
    ]
  }

  static var histograms: [WritableKeyPath<RunFigures, Histogram>] {
    [\.intended, \.service, \.connect, \.reconnect, \.steady, \.during, \.freeze, \.blackouts]
  }

  static var timelines: [WritableKeyPath<RunFigures, Timeline>] {
    [\.answers, \.slowAnswers, \.dropTimes, \.strainedSeconds]
  }
}
