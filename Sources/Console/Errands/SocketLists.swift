import FleetState
import RedisClient

/// What the workers of all hosts list of their sockets: Redis → `OpenSockets`. One list after another, and of each a
/// page at a time, so that Redis is never kept from its work.
final class SocketLists {
  private let redis: Redis
  private let keys: RedisKeys
  private var places: [(host: Name, slot: Int)] = []
  private var found = OpenSockets(SocketFilter())
  /// Of the list that is read: a page may repeat what another had.
  private var seen: Set<UInt64> = []
  private var then: (Result<OpenSockets, RedisError>) -> Void = { _ in }

  private static let perPage = "1000"

  init(_ redis: Redis, keys: RedisKeys) {
    self.redis = redis
    self.keys = keys
  }

  /// Those that pass the filter are counted, no more than `most` of them kept.
  func read(
    _ filter: SocketFilter, of hosts: [HostRecord], most: Int = OpenSockets.most,
    then: @escaping (Result<OpenSockets, RedisError>) -> Void
  ) {
    found = OpenSockets(filter, most: most)
    places = hosts.flatMap { host in (0..<host.workers).map { (host.id, $0) } }.reversed()
    self.then = then
    next()
  }

  private func next() {
    guard let place = places.popLast() else { return then(.success(found)) }
    seen.removeAll(keepingCapacity: true)
    page(place.host, place.slot, from: "0")
  }

  private func page(_ host: Name, _ slot: Int, from cursor: String) {
    redis.send("HSCAN", keys.sockets(host, slot: slot), cursor, "COUNT", Self.perPage) { [self] answer in
      switch answer {
      case .failure(let error): then(.failure(error))
      case .success(let value):
        let parts = value.elements
        guard parts.count == 2, let following = parts[0].text else { return then(.failure(.malformed)) }
        for (field, text) in parts[1].pairs { add(field, text, host, slot) }
        if following == "0" { next() } else { page(host, slot, from: following) }
      }
    }
  }

  private func add(_ field: String, _ text: String, _ host: Name, _ slot: Int) {
    // Beside the sockets stands the life of their worker's memory.
    guard let connection = UInt64(field), let socket = OpenSocket(text) else { return }
    guard seen.insert(connection).inserted else { return }
    found.add(SocketLine(host: host, slot: slot, connection: connection, socket: socket))
  }
}
