import EventLoop
import FleetState
import RedisClient

/// What Redis has to learn of sockets that come from another slot: who holds their names, and which worker lists them.
///
/// Before they are ours it is told where each name may be, beside where it is; once they are, all of it changes in one
/// step. Whoever asks in between finds both places, and the one that has the socket knows itself: so a name is never
/// without a holder, and its holder is never taken for an older one.
final class Relocation {
  private let sockets: Sockets
  private let redis: Redis
  private let keys: RedisKeys
  private let host: Name
  private let clients: ClientsHall
  private let list: SocketList

  private static let again = Duration.seconds(1)

  init(
    _ sockets: Sockets, redis: Redis, keys: RedisKeys, host: Name, clients: ClientsHall, list: SocketList
  ) {
    self.sockets = sockets
    self.redis = redis
    self.keys = keys
    self.host = host
    self.clients = clients
    self.list = list
  }

  /// Redis takes commands (again): none of ours is to come late because a script was not known.
  func connected() {
    redis.load(RelocationScripts.announce)
    redis.load(RelocationScripts.complete)
  }

  /// They may become ours; nothing is lost if they do not. False: Redis has not taken it.
  func announce(_ arrivals: [Arrival], from slot: Int, then: @escaping (Bool) -> Void) {
    var records: [String] = []
    var words: [String] = []
    for arrival in arrivals {
      guard let record = record(of: arrival) else { continue }
      records.append(record)
      words += ["\(former(arrival, slot))", "\(clients.holder(arrival.stream))"]
    }
    if records.isEmpty { return then(true) }
    redis.run(RelocationScripts.announce, keys: records, words) { answer in
      if case .success = answer { then(true) } else { then(false) }
    }
  }

  /// They are ours.
  func complete(_ arrivals: [Arrival], from slot: Int) {
    let here = arrivals.filter { sockets.isTalking($0.stream) }
    guard let first = here.first else { return }
    var lists = [keys.sockets(host, slot: slot), keys.sockets(host, slot: sockets.slot)]
    var words = ["\(first.life)", "\(sockets.slotPages.life)"]
    for arrival in here {
      var place = 0
      if let record = record(of: arrival) {
        clients.taken(arrival.stream)
        lists.append(record)
        place = lists.count
      }
      words += [
        "\(arrival.formerly)", "\(arrival.stream.number)", list.entry(of: arrival.stream).text, "\(place)",
        "\(clients.holder(arrival.stream))",
      ]
    }
    redis.run(RelocationScripts.complete, keys: lists, words) { [weak self] answer in
      // Whoever comes back to a Redis that was away tells it of everybody.
      guard case .failure(.refused) = answer, let self else { return }
      sockets.loop.after(Self.again) { [weak self] in
        if let self, !sockets.isSuspended { complete(arrivals, from: slot) }
      }
    }
  }

  private func former(_ arrival: Arrival, _ slot: Int) -> Holder {
    Holder(host: host, slot: slot, life: arrival.life, connection: arrival.formerly)
  }

  /// The key of what is known of it, if it holds a name of `clients`.
  private func record(of arrival: Arrival) -> String? {
    guard sockets[arrival.stream].hall == .clients else { return nil }
    return sockets.name(of: arrival.stream).flatMap { ClientID($0.name) }.map(keys.client)
  }
}

/// A socket that has come from another slot, and its number there, in the life of those pages.
struct Arrival: Equatable {
  let stream: StreamID
  let life: UInt64
  let formerly: UInt64
}

/// What Redis does as one step about sockets that pass from one slot to another.
enum RelocationScripts {
  /// Keys: records of clients. Arguments: for each, who holds the name and who may soon. Of a name that is another's by
  /// now nothing is noted: its claim is on its way.
  static let announce = RedisScript(
    """
    for index, record in ipairs(KEYS) do
      if redis.call('HGET', record, 'at') == ARGV[2 * index - 1] then
        redis.call('HSET', record, 'to', ARGV[2 * index])
      end
    end
    """)

  /// Keys: the list they leave, the one they come to, then records. Arguments: the lives of both, then for each socket
  /// its number before and now, what is listed of it, which key is its record (0 for none), and the holder it is now.
  static let complete = RedisScript(
    """
    local isFrom = redis.call('HGET', KEYS[1], 'life') == ARGV[1]
    local isTo = redis.call('HGET', KEYS[2], 'life') == ARGV[2]
    for index = 3, #ARGV, 5 do
      if isFrom then redis.call('HDEL', KEYS[1], ARGV[index]) end
      if isTo then redis.call('HSET', KEYS[2], ARGV[index + 1], ARGV[index + 2]) end
      local record = KEYS[tonumber(ARGV[index + 3])]
      if record and redis.call('HGET', record, 'to') == ARGV[index + 4] then
        redis.call('HSET', record, 'at', ARGV[index + 4])
        redis.call('HDEL', record, 'to')
      end
    end
    """)
}
