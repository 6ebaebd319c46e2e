import EventLoop
import FleetState
import RedisClient

/// What Redis knows of clients: who holds which name, what was kept for it, what it has joined.
///
/// In: comings and goings, questions of operators. Out: answers, never from inside the call.
final class Directory {
  struct Terms {
    /// How long a client may be away and still be known.
    var patience = Duration.seconds(3600)
    /// User data of one client, names included.
    var mostBytes = 1 << 20
    var tokenLifetime = Duration.seconds(3600)
  }

  enum Entry: Equatable {
    /// With what it had joined, and whether it takes the place of another socket of this host.
    case entered(groups: [Name], replaces: Bool)
    /// There is no room, and nobody of that name on this host who would make some.
    case full
    case usedToken
  }

  enum Kept { case kept, full, unknown }
  enum Joined { case joined, full, unknown }

  static let mostMembers = 100_000
  static let mostGroups = 10_000

  let terms: Terms
  private let redis: Redis
  private let keys: RedisKeys

  init(_ redis: Redis, keys: RedisKeys, terms: Terms) {
    self.redis = redis
    self.keys = keys
    self.terms = terms
  }

  var isReady: Bool { redis.isReady }

  private var patience: String { String(terms.patience.wholeMilliseconds) }

  // MARK: Sockets

  func enter(
    _ client: ClientID, as holder: Holder, since: UInt64, peer: String, token: ReconnectToken?, isFull: Bool,
    then: @escaping (Result<Entry, RedisError>) -> Void
  ) {
    let nonce = token.map { [keys.usedToken($0.nonce)] } ?? []
    redis.run(
      ClientScripts.enter, keys: [keys.client(client)] + nonce,
      [
        "\(holder)", "\(since)", peer, keys.socketsPrefix, patience, holder.host.text, isFull ? "full" : "",
        // Longer than the token is good for on any clock of ours.
        "\(terms.tokenLifetime.components.seconds + 2 * TokenJudgement.skew)",
        OpenSocket(hall: .clients, since: since, peer: peer, client: client).text,
      ]
    ) { answer in
      then(
        answer.map { value in
          let parts = value.elements
          if parts.first?.text == "full" { return .full }
          guard parts.count == 3, parts[0].text == "in" else { return .usedToken }
          return .entered(
            groups: parts[1].elements.compactMap { $0.text.flatMap { Name($0) } },
            replaces: parts[2].integer == 1)
        })
    }
  }

  enum Introduction: Equatable {
    /// With the groups of one that Redis did not know of.
    case welcome(groups: [Name])
    /// A socket that came earlier had the name, and has it no longer.
    case replaces(groups: [Name])
    /// One that came later has it.
    case replaced
  }

  /// Takes the name unless somebody has it who came later: after Redis was away, or a process that served.
  func introduce(
    _ client: ClientID, as holder: Holder, since: UInt64, peer: String,
    then: @escaping (Result<Introduction, RedisError>) -> Void
  ) {
    redis.run(
      ClientScripts.introduce, keys: [keys.client(client)],
      ["\(holder)", "\(since)", peer, keys.socketsPrefix, patience]
    ) { answer in
      then(
        answer.map { value in
          let groups = value.elements.last?.elements.compactMap { $0.text.flatMap { Name($0) } } ?? []
          return switch value.elements.first?.integer {
          case 0: .replaced
          case 2: .replaces(groups: groups)
          case _: .welcome(groups: groups)
          }
        })
    }
  }

  func leave(_ client: ClientID, as holder: Holder) {
    redis.run(ClientScripts.leave, keys: [keys.client(client)], ["\(holder)", patience, keys.socketsPrefix])
  }

  /// Who came last under that name and has not left, whether it lives or not. Of one that passes to another slot these
  /// are two, and one of them has the socket.
  func newest(_ client: ClientID, then: @escaping (Result<[Holder], RedisError>) -> Void) {
    redis.send("HMGET", keys.client(client), "at", "to") { answer in
      then(answer.map { $0.elements.compactMap { $0.text.flatMap { Holder($0) } } })
    }
  }

  /// They are still here.
  func renew(_ clients: [ClientID]) {
    if clients.isEmpty { return }
    redis.run(ClientScripts.renew, keys: clients.map(keys.client), [patience, keys.groupPrefix])
  }

  // MARK: What is known of one

  func locate(_ client: ClientID, then: @escaping (Result<Holder?, RedisError>) -> Void) {
    redis.run(ClientScripts.locate, keys: [keys.client(client)], [keys.socketsPrefix]) { answer in
      then(answer.map { $0.text.flatMap { Holder($0) } })
    }
  }

  /// Nil for a client nobody knows.
  func describe(_ client: ClientID, then: @escaping (Result<ClientRecord?, RedisError>) -> Void) {
    redis.run(ClientScripts.describe, keys: [keys.client(client)], [keys.socketsPrefix]) { answer in
      then(
        answer.map { value in
          guard value.elements.count == 2 else { return nil }
          return ClientRecord(
            client, holder: value.elements[0].text.flatMap { Holder($0) }, fields: value.elements[1].pairs)
        })
    }
  }

  /// Nil for a client nobody knows; its holder is to be told.
  func forget(_ client: ClientID, then: @escaping (Result<ClientRecord?, RedisError>) -> Void) {
    redis.run(
      ClientScripts.forget, keys: [keys.client(client), keys.groups],
      [client.text, keys.socketsPrefix, keys.groupPrefix]
    ) { answer in
      then(
        answer.map { value in
          guard let text = value.text, text != "unknown" else { return nil }
          return ClientRecord(client, holder: Holder(text), fields: [])
        })
    }
  }

  // MARK: User data

  /// JSON text; nil where there is none.
  func read(_ key: DataKey, of client: ClientID, then: @escaping (Result<String?, RedisError>) -> Void) {
    redis.send("HGET", keys.client(client), key.field) { answer in then(answer.map(\.text)) }
  }

  func put(
    _ json: String, _ key: DataKey, of client: ClientID, then: @escaping (Result<Kept, RedisError>) -> Void
  ) {
    redis.run(
      ClientScripts.put, keys: [keys.client(client)], [key.field, json, "\(terms.mostBytes)", patience]
    ) { answer in
      then(
        answer.map { value in
          switch value.text {
          case "kept": .kept
          case "full": .full
          case _: .unknown
          }
        })
    }
  }

  /// False where there was none.
  func remove(_ key: DataKey, of client: ClientID, then: @escaping (Result<Bool, RedisError>) -> Void) {
    redis.run(ClientScripts.remove, keys: [keys.client(client)], [key.field, patience]) { answer in
      then(answer.map { $0.integer == 1 })
    }
  }

  // MARK: Groups

  func join(_ client: ClientID, _ group: Name, then: @escaping (Result<Joined, RedisError>) -> Void) {
    redis.run(
      GroupScripts.join,
      keys: [keys.client(client), keys.group(group), keys.groups, keys.session(client)],
      [
        client.text, group.text, "\(Membership.most - 1)", "\(Self.mostMembers)", "\(Self.mostGroups)",
        patience,
      ]
    ) { answer in
      then(
        answer.map { value in
          switch value.text {
          case "joined": .joined
          case "full": .full
          case _: .unknown
          }
        })
    }
  }

  /// False for whom the group does not have as a member.
  func leave(_ client: ClientID, _ group: Name, then: @escaping (Result<Bool, RedisError>) -> Void) {
    redis.run(
      GroupScripts.leave, keys: [keys.client(client), keys.group(group), keys.groups],
      [client.text, group.text]
    ) { answer in then(answer.map { $0.integer == 1 }) }
  }

  func members(of group: Name, then: @escaping (Result<[ClientID], RedisError>) -> Void) {
    redis.run(
      GroupScripts.members, keys: [keys.group(group), keys.groups], [group.text, keys.clientPrefix]
    ) { answer in
      then(answer.map { $0.elements.compactMap { $0.text.flatMap { ClientID($0) } }.sorted() })
    }
  }

  /// How many it has, and how many sockets hold their names.
  func reach(
    of group: Name, then: @escaping (Result<(members: Int64, sockets: Int64), RedisError>) -> Void
  ) {
    redis.run(
      GroupScripts.reach, keys: [keys.group(group)], [keys.clientPrefix, keys.socketsPrefix]
    ) { answer in
      then(
        answer.map { value in
          let counts = value.elements.map { $0.integer ?? 0 }
          return counts.count == 2 ? (counts[0], counts[1]) : (0, 0)
        })
    }
  }

  func groups(then: @escaping (Result<[(name: Name, members: Int64)], RedisError>) -> Void) {
    redis.run(GroupScripts.all, keys: [keys.groups], [keys.groupPrefix]) { answer in
      then(
        answer.map { value in
          let groups = value.elements.compactMap { group -> (name: Name, members: Int64)? in
            guard group.elements.count == 2, let name = group.elements[0].text.flatMap({ Name($0) }) else {
              return nil
            }
            return (name, group.elements[1].integer ?? 0)
          }
          return groups.sorted { $0.name < $1.name }
        })
    }
  }
}
