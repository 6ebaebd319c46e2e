import FleetState
import RedisClient

/// All that Redis holds of one thing that is looked at closely.
final class CloseUp {
  private let redis: Redis
  private let keys: RedisKeys

  init(_ redis: Redis, keys: RedisKeys) {
    self.redis = redis
    self.keys = keys
  }

  /// Nothing is called where Redis does not answer: what is known already stays.
  func client(_ client: ClientID, then: @escaping ([(String, String)]) -> Void) {
    redis.send("HGETALL", keys.client(client)) { answer in
      if case .success(let value) = answer { then(value.pairs) }
    }
  }

  func task(_ id: Name, then: @escaping (Fields) -> Void) {
    redis.send("HGETALL", keys.task(id)) { answer in
      if case .success(let value) = answer { then(Fields(value.pairs)) }
    }
  }
}
