import CommandLine

/// What may be used up, and what happens at the end of it (docs/SETTINGS.md).
extension Options {
  static let maxConnections = Option(
    "max-connections", Kind<Int>.integer(0...1_000_000).orNone(), standard: nil, placeholder: "N",
    environment: ["MAX_CONNECTIONS"], "sockets of this host; one more is told 503 and when to come again")
  static let connectionRate = Option(
    "connection-rate", Kind<Int>.integer(1...1_000_000).orNone(), standard: nil, placeholder: "N",
    environment: ["CONNECTION_RATE"], "new sockets of this host per second; one more is told 503")
  static let messageRate = Option(
    "message-rate", Kind<Int>.integer(1...1_000_000).orNone(), standard: nil, placeholder: "N",
    environment: ["MESSAGE_RATE"], "messages and pings one socket may send per second")
  static let byteRate = Option(
    "byte-rate", Kind<Int>.size(1...(1 << 40)).orNone(), standard: nil, placeholder: "SIZE",
    environment: ["BYTE_RATE"], "bytes one socket may send per second")
  static let ratePolicy = Option(
    "rate-policy", .choice(RatePolicy.allCases.map(\.rawValue)), standard: RatePolicy.pause.rawValue,
    placeholder: "POLICY", environment: ["RATE_POLICY"],
    "who sends faster is read later (pause) or closed with 1008 (close)")
  static let maxMessageSize = Option(
    "max-message-size", .size(1...(16 << 20)), standard: 1 << 20, placeholder: "SIZE",
    environment: ["MAX_MESSAGE_SIZE"], "longest message; a longer one is closed with 1009")
  static let slowReaderAge = Option(
    "slow-reader-age", Kind<Duration>.duration(.milliseconds(100)...(.seconds(86_400))).orNone(),
    standard: .seconds(60),
    placeholder: "TIME", environment: ["SLOW_READER_AGE"],
    "how long a socket may leave its oldest byte unread before it is closed with 1013")
  static let maxMemoryPerConnection = Option(
    "max-memory-per-connection", Kind<Int>.size(1024...(1 << 40)).orNone(), standard: nil,
    placeholder: "SIZE",
    environment: ["MAX_MEMORY_PER_CONNECTION"], "what one socket may hold; more is closed with 1013")
  static let maxTotalMemory = Option(
    "max-total-memory", Kind<Int>.size(1024...(1 << 50)).orNone(), standard: nil, placeholder: "SIZE",
    environment: ["MAX_TOTAL_MEMORY"], "what all sockets of this host may hold; then some are evicted")
  static let memoryEvictionPolicy = Option(
    "memory-eviction-policy", .choice(EvictionPolicy.allCases.map(\.rawValue)),
    standard: EvictionPolicy.lru.rawValue, placeholder: "POLICY", environment: ["MEMORY_EVICTION_POLICY"],
    "who is evicted first: lru has been silent longest, fifo and oldest came first")
  static let memoryCheckInterval = Option(
    "memory-check-interval", .duration(.milliseconds(100)...(.seconds(86_400))), standard: .seconds(60),
    placeholder: "TIME", environment: ["MEMORY_CHECK_INTERVAL"], "between two looks at the memory of sockets")
  static let maxConcurrentCleanup = Option(
    "max-concurrent-cleanup", .integer(1...100_000), standard: 100, placeholder: "N",
    environment: ["MAX_CONCURRENT_CLEANUP"], "sockets one worker evicts in one turn")
  static let maxConcurrentBroadcast = Option(
    "max-concurrent-broadcast", .integer(1...100_000), standard: 1000, placeholder: "N",
    environment: ["MAX_CONCURRENT_BROADCAST"], "sockets one worker tells a broadcast in one turn")
  static let numShards = Option(
    "num-shards", .integer(1...65_536), standard: 1, placeholder: "N", environment: ["NUM_SHARDS"],
    "accepted for older configurations, without effect: --workers decides")

  static let limits: [Declaration] = [
    maxConnections.declaration, connectionRate.declaration, messageRate.declaration, byteRate.declaration,
    ratePolicy.declaration, maxMessageSize.declaration, slowReaderAge.declaration,
    maxMemoryPerConnection.declaration, maxTotalMemory.declaration, memoryEvictionPolicy.declaration,
    memoryCheckInterval.declaration, maxConcurrentCleanup.declaration, maxConcurrentBroadcast.declaration,
    numShards.declaration,
  ]
}

/// What becomes of a socket that sends faster than it may.
enum RatePolicy: String, CaseIterable, Sendable {
  /// It is not read until its time has come: its own sending slows down, nothing is lost.
  case pause
  /// It is closed with 1008.
  case close
}

/// Whom memory is taken from first.
enum EvictionPolicy: String, CaseIterable, Sendable { case lru, fifo, oldest }
