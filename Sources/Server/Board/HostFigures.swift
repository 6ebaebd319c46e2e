import FleetState

/// What the supervisor tells every worker; written by it alone.
struct HostFigures: BitwiseCopyable {
  static let lease: UInt64 = 5_000_000_000

  /// Sockets on the other hosts of the fleet, and when (monotonic) that was read from Redis.
  var socketsElsewhere: UInt64 = 0
  var fleetSeenAt: UInt64 = 0
  var restarts: UInt64 = 0
  var crashes: UInt64 = 0
  var lastDrainMilliseconds: UInt64 = 0
  var redisRoundTripMicroseconds: UInt64 = 0
  var redis = RedisMark()
  /// Since layout 5.
  var gateCrashes: UInt64 = 0
  /// Sockets that have gone on in another process, and how long those of the last time stood still for it.
  var handedOver: UInt64 = 0
  var lastTakeoverMicroseconds: UInt64 = 0
  /// One more than there are, because zero is "not known".
  private var guardedAndOne: UInt64 = 0
  /// When the present drain has to be over, and when the certificate ends, in seconds since 1970; 0 for neither.
  var drainDeadline: UInt64 = 0
  var certificateEnd: UInt64 = 0
  /// Zero: for what a later build has to tell (see `PageLayout`).
  var spare = InlineArray<2, UInt64>(repeating: 0)

  /// How many slots have a standby that holds everything; nil before the supervisor has looked.
  var guarded: Int? {
    get { guardedAndOne == 0 ? nil : Int(clamping: guardedAndOne &- 1) }
    set { guardedAndOne = newValue.map { UInt64(clamping: $0) &+ 1 } ?? 0 }
  }
}

/// How one process finds Redis; well until it finds otherwise.
struct RedisMark: BitwiseCopyable {
  private var number: UInt8 = 0

  var health: RedisHealth {
    get { Int(number) < RedisHealth.allCases.count ? RedisHealth.allCases[Int(number)] : .down }
    set { number = UInt8(RedisHealth.allCases.firstIndex(of: newValue) ?? 0) }
  }
}
