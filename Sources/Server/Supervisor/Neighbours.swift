import FleetState
import RedisClient

/// The other hosts of the fleet, by their records in Redis.
///
/// In: `look`. Out: how many sockets they have and which of them serve; nothing when Redis left a question open.
final class Neighbours {
  typealias View = (sockets: UInt64, survivors: [Survivor])

  var onSeen: ((View) -> Void)?

  private let redis: Redis
  private let keys: RedisKeys
  private let host: Name
  private let lease = Lease()

  private static let mostHosts = 1000
  private static let names = ["sockets"] + Survivor.names

  init(_ redis: Redis, keys: RedisKeys, host: Name) {
    self.redis = redis
    self.keys = keys
    self.host = host
  }

  func look() {
    redis.send("SMEMBERS", keys.hosts) { [unowned self] answer in
      guard case .success(let members) = answer else { return }
      let others = members.elements.compactMap { $0.text.flatMap { Name($0) } }.filter { $0 != host }
      ask(Array(others.prefix(Self.mostHosts)))
    }
  }

  private func ask(_ others: [Name]) {
    if others.isEmpty { onSeen?((0, [])) }
    var view: View = (0, [])
    var answers = 0
    for other in others {
      // Sent together and answered in order: the second answer ends the question.
      var fields: Fields?
      redis.send(["HMGET", keys.host(other)] + Self.names) { [unowned self] answer in
        switch answer {
        case .success(let values): fields = read(values, of: other)
        // Redis is well, so what is there is no record, and one stranger's key must not hide the fleet.
        case .failure(let error): fields = error.health == .up ? Fields() : nil
        }
      }
      redis.send("PTTL", keys.host(other)) { [unowned self] answer in
        guard case .success(let leaseLeft) = answer, let fields else { return }
        answers += 1
        view.sockets &+= UInt64(fields.count("sockets"))
        if let survivor = Survivor(other, fields, leaseLeft: leaseLeft.integer ?? 0, of: lease) {
          view.survivors.append(survivor)
        }
        if answers == others.count { onSeen?(view) }
      }
    }
  }

  /// Without any field there is no record: its lease has run out, and nobody asks for it again.
  private func read(_ values: RedisValue, of other: Name) -> Fields {
    let texts = values.elements.map(\.text)
    if texts.allSatisfy({ $0 == nil }) { redis.send("SREM", keys.hosts, other.text) }
    return Fields(zip(Self.names, texts).compactMap { name, text in text.map { (name, $0) } })
  }
}
