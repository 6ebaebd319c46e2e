import Bytes
import FleetState
import RedisClient

/// An operator's word to sockets, past the supervisors: the screen and the scripts do it by the same commands.
final class Courier {
  private let redis: Redis
  private let keys: RedisKeys

  init(_ redis: Redis, keys: RedisKeys) {
    self.redis = redis
    self.keys = keys
  }

  /// `done` has the id under which it is durable.
  func broadcast(_ text: String, to halls: Halls, done: @escaping (Result<String, RedisError>) -> Void) {
    redis.send(Self.command(BusEntry(.broadcast(halls)), text, key: keys.bus(0))) { answer in
      done(answer.map { $0.text ?? "" })
    }
  }

  /// `done` has the `host/slot` that is told to close it; nil when nobody holds the name.
  func kick(_ client: ClientID, done: @escaping (Result<String?, RedisError>) -> Void) {
    redis.run(
      Self.letGo, keys: [keys.client(client), keys.bus(0)],
      [keys.socketsPrefix, Self.head(BusEntry(.close(client))), "\(BusEntry.mostKept)"]
    ) { answer in
      done(answer.map(\.text))
    }
  }

  /// As the workers write it. It comes from no socket, so each worker tells its own.
  static func command(_ entry: BusEntry, _ text: String, key: String) -> [String] {
    [
      "XADD", key, "MAXLEN", "~", "\(BusEntry.mostKept)", "*", "\(BusEntry.headField)", head(entry),
      "\(BusEntry.dataField)", text,
    ]
  }

  private static func head(_ entry: BusEntry) -> String {
    var line = ByteBuffer(capacity: 128)
    entry.encode(into: &line)
    return String(decoding: line.bytes.copied(), as: UTF8.self)
  }

  /// Takes the name from whoever holds it, groups and data stay, and tells its worker so. Keys: record, bus. Arguments:
  /// sockets prefix, head of the entry, the stream's length. Answers `host/slot`, or nothing when nobody holds it.
  private static let letGo = RedisScript(
    RedisScript.liveHolder + """
      local at = redis.call('HGET', KEYS[1], 'at')
      if not live(at, ARGV[1]) then return false end
      redis.call('HDEL', KEYS[1], 'at', 'since', 'peer')
      redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*', 'm', ARGV[2], 'd', '')
      return string.match(at, '^[^/]+/%d+')
      """)
}
