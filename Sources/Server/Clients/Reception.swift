import EventLoop
import FleetState
import RedisClient
import WireProtocol

/// Everything of a worker that has to do with who its sockets are: the halls `chat` and `clients`, what Redis keeps for
/// them, the routes about them.
final class Reception {
  struct Terms {
    var directory = Directory.Terms()
    /// Reconnect tokens are handed out and believed.
    var knowsTokens = true

    init(_ settings: ServerSettings) {
      directory.patience = settings.reconnectTokenTTL
      directory.tokenLifetime = settings.reconnectTokenTTL
      directory.mostBytes = Belongings.most(settings.limits)
      knowsTokens = settings.enableReconnect
    }
  }

  let chat: ChatHall
  let clients: ClientsHall
  let list: SocketList
  let relocation: Relocation
  let belongings: Belongings
  let porter: Porter
  let answers: ClientAnswers
  let deliveries: Deliveries
  let stats: ClientStats
  let tokens: TokenKeys

  private let sockets: Sockets
  private let redis: Redis
  private let directory: Directory
  private let counts: SessionCounts
  private var stopRenewing: (() -> Void)?

  private static let perStep = 256

  init(_ sockets: Sockets, bus: Bus, redis: Redis, keys: RedisKeys, terms: Terms) {
    self.sockets = sockets
    self.redis = redis
    let address = bus.publisher.address
    directory = Directory(redis, keys: keys, terms: terms.directory)
    counts = SessionCounts(sockets, redis: redis, keys: keys, patience: terms.directory.patience)
    tokens = TokenKeys(redis, keys: keys, tokenLifetime: terms.directory.tokenLifetime)
    chat = ChatHall(sockets, counts: counts)
    clients = ClientsHall(sockets, bus: bus, directory: directory)
    list = SocketList(
      sockets, redis: redis, key: keys.sockets(address.host, slot: address.slot), life: address.life)
    belongings = Belongings(sockets, redis: redis, keys: keys)
    relocation = Relocation(
      sockets, redis: redis, keys: keys, host: address.host, clients: clients, list: list)
    porter = Porter(
      sockets, directory: directory, counts: counts, tokens: tokens, hall: clients,
      knowsTokens: terms.knowsTokens)
    deliveries = Deliveries(bus.publisher, directory: directory, loop: sockets.loop)
    stats = ClientStats(redis, keys: keys, host: address.host, slots: sockets.board.slotCount)
    answers = ClientAnswers(
      directory, tokens: terms.knowsTokens ? tokens : nil, publisher: bus.publisher, deliveries: deliveries,
      stats: stats)
    list.onForgotten = { [unowned self] in connected() }
  }

  /// Answers that had to wait are given through the desk.
  func answer(through desk: Desk) {
    porter.accept = { [unowned desk] in desk.complete($0, $1, $2) }
    porter.refuse = { [unowned desk] in desk.complete($0, $1) }
    answers.complete = { [unowned desk] in desk.complete($0, $1) }
    deliveries.complete = { [unowned desk] in desk.complete($0, $1) }
    stats.complete = { [unowned desk] in desk.complete($0, $1) }
  }

  /// These sockets are ours to speak of from now on.
  func start() {
    list.start()
    counts.writeAll()
    let interval = max(.seconds(1), min(.seconds(300), directory.terms.patience / 4))
    stopRenewing = sockets.loop.every(interval) { [unowned self] in renew() }
  }

  func pause() {
    list.pause()
    stopRenewing?()
    stopRenewing = nil
    clients.forgetAll()
  }

  /// What Redis was told of late may be lost.
  func connected() {
    list.rewrite()
    counts.connected()
    relocation.connected()
    clients.introduceAll()
  }

  private func renew() {
    guard redis.isReady else { return }
    var present = clients.present[...]
    while !present.isEmpty {
      directory.renew(Array(present.prefix(Self.perStep)))
      present = present.dropFirst(Self.perStep)
    }
  }
}
