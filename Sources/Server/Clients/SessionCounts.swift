import EventLoop
import FleetState
import RedisClient

/// What each session of the hall `chat` has said, on its way to Redis: written in the turn in which it grew, and only
/// ever upwards, so that it can be written again by whoever comes after a crash.
final class SessionCounts {
  private let sockets: Sockets
  private let redis: Redis
  private let keys: RedisKeys
  private let patience: Duration
  /// To be written at the end of this turn. Taken then, because a socket that is gone has no record.
  private var due: [SessionID: UInt64] = [:]

  /// Sessions in one step of Redis, and steps on their way before the others wait.
  private static let perStep = 256
  private static let mostUnderWay = 4096
  /// As long as no more than this is on its way, a count does not wait for others to go with it.
  private static let fewUnderWay = 1024
  /// Sessions that wait for a Redis that is away; beyond, the count of those that are gone is lost.
  private static let mostDue = 100_000
  /// Before what Redis did not take is offered again.
  private static let rest = Duration.seconds(1)

  init(_ sockets: Sockets, redis: Redis, keys: RedisKeys, patience: Duration) {
    self.sockets = sockets
    self.redis = redis
    self.keys = keys
    self.patience = patience
    sockets.loop.atEndOfTurn { [unowned self] in write() }
  }

  /// Its count has grown, or it is leaving.
  func note(_ stream: StreamID) {
    let said = sockets[stream].said
    guard said > 0, let session = sockets.name(of: stream).flatMap({ SessionID($0.name) }) else { return }
    if due.count < Self.mostDue || due[session] != nil { due[session] = max(said, due[session] ?? 0) }
    if redis.waiting >= Self.fewUnderWay { return }
    write()
    // Ahead of the answer: whoever has it and comes back through another worker is counted on from there.
    redis.pushOut()
  }

  /// Redis takes commands (again).
  func connected() {
    redis.load(Self.raise)
    writeAll()
  }

  /// Redis may lack what was said of late: after a crash, or because it was away.
  func writeAll() {
    for index in 0..<sockets.population(of: .chat) {
      if let stream = sockets.seat(index, of: .chat) { note(stream) }
    }
  }

  /// What the session had said when it was last heard of, 0 for one nobody knows.
  ///
  /// A count that another worker wrote a moment ago may lie unread in Redis' socket, and Redis reads its sockets in no
  /// order one could rely on. By the time it has answered anything, it has read what was there when that was asked.
  func find(_ session: SessionID, then: @escaping (Result<UInt64, RedisError>) -> Void) {
    if due[session] != nil { write() }
    redis.send("PING") { [redis, key = keys.session(session)] _ in
      redis.send("HGET", key, "count") { answer in
        then(answer.map { UInt64(clamping: $0.integer ?? 0) })
      }
    }
  }

  private func write() {
    if due.isEmpty || !redis.isReady { return }
    while !due.isEmpty, redis.waiting < Self.mostUnderWay {
      let part = Array(due.prefix(Self.perStep))
      for (session, _) in part { due[session] = nil }
      redis.run(
        Self.raise, keys: part.map { keys.session($0.key) },
        ["\(patience.wholeMilliseconds)"] + part.map { "\($0.value)" }
      ) { [weak self] answer in
        if case .failure(let error) = answer { self?.returned(part, error) }
      }
    }
  }

  private func returned(_ part: [(key: SessionID, value: UInt64)], _ error: RedisError) {
    // What is wrong with it itself will be wrong again; what is wrong with Redis passes.
    if case .refused(let refusal) = error, [nil, .wrongtype].contains(refusal.health) {
      return sockets.count(.publishFailed)
    }
    sockets.loop.after(Self.rest) { [weak self] in
      guard let self, !sockets.isSuspended else { return }
      for (session, said) in part where due.count < Self.mostDue || due[session] != nil {
        due[session] = max(said, due[session] ?? 0)
      }
    }
  }

  /// Keys: sessions. Arguments: patience in ms, then a count for each.
  private static let raise = RedisScript(
    """
    for index, session in ipairs(KEYS) do
      local said = tonumber(ARGV[index + 1])
      if said > tonumber(redis.call('HGET', session, 'count') or '-1') then
        redis.call('HSET', session, 'count', ARGV[index + 1])
      end
      redis.call('PEXPIRE', session, ARGV[1])
    end
    """)
}
