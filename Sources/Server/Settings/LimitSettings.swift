import CommandLine

/// The limits as the server uses them; nil is none.
struct LimitSettings: Equatable, Sendable {
  var maxConnections: Int?
  var connectionsPerSecond: Int?
  var messagesPerSecond: Int?
  var bytesPerSecond: Int?
  var ratePolicy = RatePolicy.pause
  var slowReaderAge: Duration?
  var memoryPerConnection: Int?
  var totalMemory: Int?
  var eviction = EvictionPolicy.lru
  var memoryCheckInterval = Duration.seconds(60)
  /// Sockets that are evicted, and told a broadcast, in one turn of a worker.
  var cleanupPerTurn = 100
  var broadcastPerTurn = 1000
  /// Nil: every page's script may connect.
  var allowedOrigins: [Origin]?

  init() {}

  init(_ settings: Settings) {
    maxConnections = settings[Options.maxConnections].flatMap { $0 == 0 ? nil : $0 }
    connectionsPerSecond = settings[Options.connectionRate]
    messagesPerSecond = settings[Options.messageRate]
    bytesPerSecond = settings[Options.byteRate]
    ratePolicy = RatePolicy(rawValue: settings[Options.ratePolicy]) ?? .pause
    slowReaderAge = settings[Options.slowReaderAge]
    memoryPerConnection = settings[Options.maxMemoryPerConnection]
    totalMemory = settings[Options.maxTotalMemory]
    eviction = EvictionPolicy(rawValue: settings[Options.memoryEvictionPolicy]) ?? .lru
    memoryCheckInterval = settings[Options.memoryCheckInterval]
    cleanupPerTurn = settings[Options.maxConcurrentCleanup]
    broadcastPerTurn = settings[Options.maxConcurrentBroadcast]
    let origins = settings.all(Options.allowedOrigins).compactMap { Origin($0) }
    allowedOrigins = origins.isEmpty ? nil : origins
  }
}
