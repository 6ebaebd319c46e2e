import EventLoop
import FleetState
import RedisClient

/// What Redis keeps for this worker's sockets under their names: data of clients and of sessions. It counts as theirs,
/// like what they take of our own memory.
///
/// In: `weigh`, now and then. Out: figures as they were at the last look; whoever came since is not among them.
final class Belongings {
  private let sockets: Sockets
  private let redis: Redis
  private let keys: RedisKeys
  private var weights: [StreamID: Int] = [:]
  private var isWeighing = false

  private static let perStep = 256

  init(_ sockets: Sockets, redis: Redis, keys: RedisKeys) {
    self.sockets = sockets
    self.redis = redis
    self.keys = keys
  }

  /// What one may keep, names included: what its socket leaves of `max_memory_per_connection`.
  static func most(_ limits: LimitSettings) -> Int {
    limits.memoryPerConnection.map { max(0, $0 - ClientStats.bytesPerSocket) } ?? 1 << 20
  }

  func bytes(of stream: StreamID) -> Int { weights[stream] ?? 0 }

  /// Asks Redis anew; `done` in any case. While it is away, what was known holds.
  func weigh(_ done: @escaping () -> Void) {
    if isWeighing { return }
    var owners: [(stream: StreamID, key: String)] = []
    for hall in Hall.allCases {
      for index in 0..<sockets.population(of: hall) {
        if let stream = sockets.seat(index, of: hall), let key = key(of: stream) {
          owners.append((stream, key))
        }
      }
    }
    if owners.isEmpty { weights.removeAll() }
    if owners.isEmpty || !redis.isReady { return done() }
    isWeighing = true
    weigh(owners[...], [:], done)
  }

  private func weigh(
    _ owners: ArraySlice<(stream: StreamID, key: String)>, _ found: [StreamID: Int],
    _ done: @escaping () -> Void
  ) {
    let step = owners.prefix(Self.perStep)
    redis.run(Self.scales, keys: step.map(\.key), []) { [weak self] answer in
      guard let self else { return }
      guard case .success(let value) = answer else {
        isWeighing = false
        return done()
      }
      var found = found
      for (owner, weight) in zip(step, value.elements) {
        if let bytes = weight.integer, bytes > 0 { found[owner.stream] = Int(clamping: bytes) }
      }
      let rest = owners.dropFirst(step.count)
      if !rest.isEmpty { return weigh(rest, found, done) }
      weights = found
      isWeighing = false
      done()
    }
  }

  /// Where Redis keeps its data; nil for those who can keep none.
  private func key(of stream: StreamID) -> String? {
    let isClient = sockets[stream].hall == .clients
    guard isClient || sockets[stream].dress == .sluice,
      let name = sockets.name(of: stream).flatMap({ ClientID($0.name) })
    else { return nil }
    return isClient ? keys.client(name) : keys.session(name)
  }

  /// Keys: records. Answers what the data of each take.
  private static let scales = RedisScript(
    """
    local weights = {}
    for index, record in ipairs(KEYS) do
      weights[index] = tonumber(redis.call('HGET', record, 'bytes') or '0')
    end
    return weights
    """)
}
