import EventLoop
import FleetState
import JSONText
import RedisClient
import WireProtocol

/// `GET /stats`: who is in the hall `clients` of this host, and what they take. One look at a time, however many ask.
final class ClientStats {
  var complete: ((StreamID, Response) -> Void)?

  private let redis: Redis
  private let keys: [String]
  private let prefix: String
  private var asking: [StreamID] = []
  private var waiting: [StreamID] = []

  /// What lies in memory for each socket before it has said or joined anything.
  static let bytesPerSocket = MemoryLayout<SocketRecord>.stride + MemoryLayout<Membership>.stride

  init(_ redis: Redis, keys: RedisKeys, host: Name, slots: Int) {
    self.redis = redis
    self.keys = (0..<slots).map { keys.sockets(host, slot: $0) }
    prefix = keys.clientPrefix
  }

  func answer(_ stream: StreamID) -> Desk.Reply {
    waiting.append(stream)
    look()
    return .later
  }

  private func look() {
    guard asking.isEmpty, !waiting.isEmpty else { return }
    swap(&asking, &waiting)
    redis.run(Self.weigh, keys: keys, [prefix]) { [weak self] answer in self?.tell(answer) }
  }

  private func tell(_ answer: Redis.Answer) {
    let response: Response
    switch answer {
    case .success(let value):
      let parts = value.elements
      let names = parts.first?.elements.compactMap { $0.text.flatMap { ClientID($0) } } ?? []
      response = .json(Self.render(names.sorted(), data: parts.count > 1 ? Int(parts[1].integer ?? 0) : 0))
    case .failure(let error): response = .unavailable(error)
    }
    let asked = asking
    asking.removeAll()
    for stream in asked { complete?(stream, response) }
    look()
  }

  /// To the letter (CONTRACT 2).
  static func render(_ clients: [ClientID], data: Int) -> String {
    let total = clients.count * bytesPerSocket + max(0, data)
    var writer = JSONWriter(style: .spaced)
    writer.beginObject()
    writer.member("active_connections", clients.count)
    writer.array("client_ids") { writer in for client in clients { writer.string(client.text) } }
    writer.object("memory") { writer in
      writer.member("total_memory", total)
      writer.member("connection_count", clients.count)
      writer.member("per_connection_average", clients.isEmpty ? 0 : Double(total) / Double(clients.count))
    }
    writer.endObject()
    return writer.text
  }

  /// Keys: lists of sockets. Arguments: what begins the key of a client's record. Answers the names and what their
  /// data take.
  private static let weigh = RedisScript(
    """
    local names, bytes = {}, 0
    for _, list in ipairs(KEYS) do
      for _, entry in ipairs(redis.call('HVALS', list)) do
        local name = string.match(entry, '^clients %d+ %S+ =(.+)$')
        if name then
          names[#names + 1] = name
          bytes = bytes + tonumber(redis.call('HGET', ARGV[1] .. name, 'bytes') or '0')
        end
      end
    end
    return {names, bytes}
    """)
}
