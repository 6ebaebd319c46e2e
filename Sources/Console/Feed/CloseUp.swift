import FleetState
import RedisClient

/// All that Redis holds of one thing that is looked at closely, or of a moment long ago.
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

  /// What the curves are drawn from, up to a moment in milliseconds; nil where Redis does not answer.
  func history(upTo moment: UInt64, then: @escaping (History?) -> Void) {
    let end = EntryID(milliseconds: moment, sequence: .max).description
    redis.send("XREVRANGE", keys.samples, end, "-", "COUNT", "\(Self.samplesBack)") { answer in
      guard case .success(let value) = answer else { return then(nil) }
      var history = History()
      for entry in value.entries.reversed() {
        if let sample = Sample(Fields(entry.fields)) { history.add(sample, at: entry.id) }
      }
      then(history)
    }
  }

  private static let samplesBack = 600

  func task(_ id: Name, then: @escaping (Fields) -> Void) {
    redis.send("HGETALL", keys.task(id)) { answer in
      if case .success(let value) = answer { then(Fields(value.pairs)) }
    }
  }
}
