import EventLoop
import FleetState
import RedisClient
import WireProtocol

/// All that a worker serves its clients with: where they arrive, the halls they talk in, its lines to Redis; and who of
/// them hears whom.
///
/// In: connections, through `front`. Out: what it counts on the board, and `onReady`. It serves between `open` and
/// `rest`, as often as that may be; what it knows of its sockets lies in the slot's pages.
final class House {
  let sockets: Sockets
  let front: Front
  let desk: Desk
  let concourse: Concourse
  let bus: Bus
  let redis: Redis
  let tasks: Tasks
  let reception: Reception
  let report: WorkerReport
  let leaving: Leaving
  /// Broadcasts and commands come in, and are told: a socket that comes now misses nothing.
  var onReady: (() -> Void)?
  /// What a fan-out of ours has reached here; somebody in slot `slot` waits for that.
  var onTold: ((_ request: UInt64, _ slot: Int, FanOut.Count) -> Void)?

  private let talk: Talk
  private let witness: Witness?
  private let lifecycle: Lifecycle?
  private let herald: Herald?
  private let sluice: SluiceHall
  private let offices: Offices
  private let patrol: Patrol
  private let ingress: Ingress?

  init(
    _ sockets: Sockets, settings: ServerSettings, endpoint: RedisEndpoint, host: Name,
    listensPublicly: Bool, log: Log
  ) {
    self.sockets = sockets
    let (loop, slot) = (sockets.loop, sockets.slot)
    var habits = Talk.Habits(
      heartbeatEvery: settings.heartbeatInterval, heartbeatPatience: settings.heartbeatTimeout,
      notice: settings.notifyText)
    habits.throttle = Throttle(settings.limits)
    talk = Talk(sockets, habits: habits)
    desk = Desk(sockets, limits: HTTPLimits())
    sockets.toldPerTurn = settings.limits.broadcastPerTurn
    sockets.mostUnread = settings.limits.slowReaderMessages ?? .max
    desk.entrance = Entrance(sockets, settings.limits)
    witness = Witness(sockets, log: log)
    front = Front(sockets, desk: desk, talk: talk)
    let keys = RedisKeys(namespace: settings.namespace)
    redis = Redis(loop, endpoint: endpoint, name: "sluice-worker-\(slot)")
    bus = Bus(
      sockets, redis: redis, endpoint: endpoint, keys: keys,
      address: Publisher.Address(host: host, slot: slot, life: sockets.slotPages.life))
    tasks = Tasks(
      sockets, bus: bus, redis: redis, endpoint: endpoint, keys: keys, terms: settings.tasks, log: log)
    lifecycle = Lifecycle(sockets, bus.publisher, key: keys.lifecycle, terms: settings.hooks)
    herald = Herald(
      sockets, redis: redis, queue: tasks.queue, key: keys.lifecycle, terms: settings.hooks)
    reception = Reception(sockets, bus: bus, redis: redis, keys: keys, terms: Reception.Terms(settings))
    patrol = Patrol(sockets, settings.limits, belongings: reception.belongings)
    sluice = SluiceHall(
      sockets, bus: bus, redis: redis, keys: keys, tokens: reception.tokens,
      terms: SluiceHall.Terms(settings))
    ingress = settings.redisChannel.map { [bus] channel in
      Ingress(loop, endpoint: endpoint, channel: channel, slot: slot) { bus.hear($0) }
    }
    concourse = Concourse(
      sockets, bus: bus, sluice: sluice, habits: habits, reception: reception,
      tasks: tasks.hall)
    leaving = Leaving(sockets, log: log)
    report = WorkerReport(sockets, redis: redis, keys: keys, host: host)
    let terms = Self.answers(settings, host: host, entrance: desk.entrance, listensPublicly)
    offices = Offices(
      sockets, bus: bus, redis: redis, keys: keys, reception: reception, tasks: tasks.desk,
      terms: Offices.Terms(answers: terms, hasOwnRedis: settings.redis == nil), log: log)
    connect(limits: settings.messageLimits)
    connectTalk(Fault.planned(slot: slot, log: log))
  }

  private static func answers(
    _ settings: ServerSettings, host: Name, entrance: Entrance?, _ listensPublicly: Bool
  ) -> Answers.Terms {
    var terms = Answers.Terms(host: host)
    terms.offer = HandshakeOffer(subprotocols: [SluiceWish.subprotocol], deflate: settings.deflate)
    terms.noticeEvery[.ws] = settings.notifyInterval
    terms.noticeEvery[.chat] = settings.heartbeatInterval
    terms.noticeEvery[.clients] = settings.heartbeatType == .ping ? settings.heartbeatInterval : .zero
    terms.renewalEvery = SluiceHall.Terms(settings).renewalEvery
    terms.entrance = entrance
    terms.hasMetrics = settings.enableMetrics
    terms.admission = Admission(token: settings.adminToken, listensPublicly: listensPublicly)
    return terms
  }

  /// Who hears whom.
  private func connect(limits: MessageLimits) {
    offices.connect(to: desk) { [unowned self] in leaving.isDraining }
    desk.upgraded = { [unowned self] stream, opening in
      sockets.open(stream, opening, limits: limits)
      talk.begin(stream, noticeEvery: opening.noticeEvery)
      bus.welcome(stream)
      witness?.came(stream)
      lifecycle?.came(stream)
      concourse.came(stream)
    }
    sockets.onCount = { [unowned self] in report.soon() }
    sockets.onLeave = { [unowned self] in
      concourse.left($0)
      witness?.went($0)
      lifecycle?.went($0)
    }
    leaving.farewell = { [unowned self] in concourse.farewell($0) }
    leaving.hint = { [unowned self] in concourse.hint($0, in: $1) }
    front.onRejoined = { [unowned self] in concourse.rejoined($0) }
    bus.onBehind = { [unowned self] in sluice.fellBehind($0) }
    bus.onAct = { [unowned self] in concourse.act($0, $1, at: $2) }
    reception.answer(through: desk)
    bus.onAnswer = { [unowned self] in reception.deliveries.told($0, $1) }
    bus.onTold = { [unowned self] in told($0, $1, $2) }
    bus.onFollowing = { [unowned self] in
      if redis.isReady { sockets.board[sockets.slot].redis.health = redis.health }
      if sluice.isReady { onReady?() }
    }
    sluice.onReady = { [unowned self] in if bus.isReady { onReady?() } }
  }

  /// From the message to its hall, past whoever looks on.
  private func connectTalk(_ fault: Fault?) {
    talk.heard = { [unowned self] in concourse.heard($0, $1, $2) }
    talk.onNotice = { [unowned self] in concourse.notice($0) }
    if let fault {
      talk.heard = { [unowned self] stream, opcode, payload in
        if opcode == .text && fault.isMeant(payload) { fault.happen() }
        concourse.heard(stream, opcode, payload)
      }
    }
    if let witness {
      let hear = talk.heard
      talk.heard = { stream, opcode, payload in
        witness.heard(stream, payload.count)
        hear?(stream, opcode, payload)
      }
    }
  }

  private func told(_ request: UInt64, _ slot: Int, _ count: FanOut.Count) {
    if slot != sockets.slot { return onTold?(request, slot, count) ?? () }
    offices.broadcasts.told(request, total: count.total, failed: count.failed)
  }

  /// The same, from another worker.
  func told(_ told: Told) { offices.broadcasts.told(told.request, total: told.total, failed: told.failed) }

  // MARK: Serving

  func open() {
    redis.open()
    bus.open()
    tasks.open(resting: leaving.isDraining)
    herald?.open()
    ingress?.open()
    patrol.start()
    report.start()
    sluice.begin()
    reception.start()
    if redis.isReady { connected() }
  }

  /// Redis takes commands (again).
  func connected() {
    report.send()
    sluice.connected()
    bus.connected()
    tasks.connected()
    reception.connected()
  }

  /// All that moves by itself comes to rest.
  func rest() {
    report.pause()
    sluice.pause()
    patrol.pause()
    reception.pause()
    ingress?.close()
    bus.close()
    tasks.runner.close()
    herald?.close()
  }

  /// For good.
  func finish(_ done: @escaping () -> Void) {
    reception.list.finish()
    bus.close()
    tasks.runner.leave()
    herald?.finish()
    report.finish(done)
  }
}
