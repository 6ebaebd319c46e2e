import Bytes
import CommandLine
import EventLoop
import FleetState
import JSONText
import RedisClient

/// Carries an errand out: what it found or did goes to standard output, the exit code to `end`.
final class Messenger {
  private let redis: Redis
  private let keys: RedisKeys
  private let isJSON: Bool
  private let end: (Int32) -> Void

  init(_ redis: Redis, keys: RedisKeys, settings: Settings, end: @escaping (Int32) -> Void) {
    self.redis = redis
    self.keys = keys
    isJSON = settings[Options.json]
    self.end = end
  }

  func begin(_ errand: Errand, _ snapshot: Snapshot) {
    if snapshot.hosts.isEmpty { return fail(errand, "no host is there", Script.Code.failed) }
    switch errand {
    case .broadcast(let text, let halls):
      redis.send(Self.command(BusEntry(.broadcast(halls)), text, key: keys.bus(0))) { [self] in
        take($0, of: errand) { self.said($0.text ?? "", halls) }
      }
    case .kick(let client):
      redis.run(
        Self.letGo, keys: [keys.client(client), keys.bus(0)],
        [keys.socketsPrefix, Self.head(BusEntry(.close(client))), "\(BusEntry.mostKept)"]
      ) { [self] in
        take($0, of: errand) { self.kicked(client, at: $0.text) }
      }
    case .sockets(let hall):
      SocketLists(redis, keys: keys).read(hall, of: snapshot.hosts.map(\.record)) { [self] in
        take($0, of: errand) { self.show($0, now: snapshot.time) }
      }
    }
  }

  private func take<Found>(_ answer: Result<Found, RedisError>, of errand: Errand, _ work: (Found) -> Void) {
    switch answer {
    case .success(let found): work(found)
    case .failure(let error): fail(errand, "\(error)", Script.Code.unreachable)
    }
  }

  private func fail(_ errand: Errand, _ reason: String, _ code: Int32) {
    Output.write("wsconsole: \(errand.word): \(reason)\n", to: 2)
    end(code)
  }

  // MARK: Commands

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

  // MARK: Answers

  private func said(_ id: String, _ halls: Halls) {
    if isJSON {
      var writer = JSONWriter(style: .pretty)
      writer.beginObject()
      writer.member("id", id)
      writer.member("halls", halls.list)
      writer.endObject()
      Output.write(writer.text + "\n", to: 1)
    } else {
      Output.write(printable(id) + "\n", to: 1)
    }
    end(Script.Code.good)
  }

  private func kicked(_ client: ClientID, at place: String?) {
    if isJSON {
      var writer = JSONWriter(style: .pretty)
      writer.beginObject()
      writer.member("client", client.text)
      writer.member("kicked", place != nil)
      writer.member("worker", orNull: place)
      writer.endObject()
      Output.write(writer.text + "\n", to: 1)
    } else {
      let name = printable(client.text)
      Output.write(
        place.map { "\(name): told to go, on \(printable($0))\n" } ?? "\(name) is not here\n", to: 1)
    }
    end(place == nil ? Script.Code.failed : Script.Code.good)
  }

  private func show(_ sockets: OpenSockets, now: Int64) {
    Output.write(isJSON ? sockets.json : sockets.text(now: now), to: 1)
    end(Script.Code.good)
  }
}
