import Bytes
import EventLoop
import FleetState
import RedisClient
import TLS

/// The keys that sign reconnect tokens, shared through Redis: any worker, host and process generation knows what any
/// other has signed. The newer one signs; the older one is believed until the next is made.
final class TokenKeys {
  struct Active {
    let current: [UInt8]
    let previous: [UInt8]?

    func sign(_ claims: Span<UInt8>) -> [UInt8] { SHA256.authenticate(claims, key: current.span) }

    func hasSigned(_ claims: Span<UInt8>, _ signature: [UInt8]) -> Bool {
      var isOurs = false
      for key in [current, previous ?? current] {
        let right = SHA256.authenticate(claims, key: key.span)
        // Both are tried whatever the first one says: how long it takes tells nothing.
        isOurs = ConstantTime.equal(right.span, signature.span) || isOurs
      }
      return isOurs
    }
  }

  private let redis: Redis
  private let key: String
  private let life: Duration

  /// A key lives twice as long as a token is good for, and at least a day in use.
  init(_ redis: Redis, keys: RedisKeys, tokenLifetime: Duration) {
    self.redis = redis
    key = keys.tokens
    life = max(.seconds(86_400), tokenLifetime * 2)
  }

  /// Asked anew each time: another host may have made a key this very moment. `now`: the seconds since 1970 by Redis'
  /// clock, so that the age of a token does not depend on who looks at it.
  func find(then: @escaping (Result<(keys: Active, now: Int64), RedisError>) -> Void) {
    guard let fresh = try? Random.bytes(32) else { return then(.failure(.down("no random bytes"))) }
    redis.run(Self.activeKeys, keys: [key], [Hexadecimal.encode(fresh), "\(life.components.seconds)"]) {
      answer in
      then(
        answer.flatMap { value in
          guard value.elements.count == 3, let now = value.elements[0].integer else {
            return .failure(.malformed)
          }
          let keys = value.elements[1...].map { $0.text.flatMap { Hexadecimal.decode($0.utf8) } }
          guard let current = keys[0], current.count == 32 else { return .failure(.malformed) }
          return .success((Active(current: current, previous: keys[1]), now))
        })
    }
  }

  /// Keys: the hash. Arguments: a key in case one is due, and how long one is used, in seconds by Redis' own clock.
  private static let activeKeys = RedisScript(
    """
    local now = tonumber(redis.call('TIME')[1])
    local made = tonumber(redis.call('HGET', KEYS[1], 'made') or '0')
    if now - made >= tonumber(ARGV[2]) then
      local current = redis.call('HGET', KEYS[1], 'current')
      if current then redis.call('HSET', KEYS[1], 'previous', current) end
      redis.call('HSET', KEYS[1], 'current', ARGV[1], 'made', now)
    end
    local keys = redis.call('HMGET', KEYS[1], 'current', 'previous')
    return {now, keys[1], keys[2]}
    """)
}
