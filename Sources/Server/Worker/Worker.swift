import Bytes
import CommandLine
import EventLoop
import FleetState
import Glibc
import RedisClient
import WireProtocol

/// One worker process: a loop, its sockets, its halls, its line to Redis and to the supervisor.
///
/// In: orders. Out: words, and an exit code. It is replaceable at any instant and holds nothing that matters
/// beyond its sockets.
final class Worker {
  private let loop: EventLoop
  private let log: Log
  private let assignment: Assignment
  private let channel: PacketChannel
  private let board: Board
  private let sockets: Sockets
  private let front: Front
  private let desk: Desk
  private let talk: Talk
  private let hall: PlainHall
  private let bus: Bus
  private let broadcasts: Broadcasts
  private let answers: Answers
  private let leaving: Leaving
  private let redis: Redis
  private let report: WorkerReport
  private var listeners: [[Listener]] = []
  private var isReady = false
  private var isStopping = false

  private static let readyPatience = Duration.seconds(2)
  private static let lastWordsPatience = Duration.seconds(2)
  /// Descriptors kept for everything that is no client.
  private static let descriptorReserve = 256

  init(
    _ loop: EventLoop, channel: PacketChannel, board: Board, assignment: Assignment, settings: ServerSettings,
    endpoint: RedisEndpoint, host: Name, log: Log
  ) throws(SystemError) {
    self.loop = loop
    self.channel = channel
    self.board = board
    self.assignment = assignment
    self.log = log
    let descriptors = Machine.raiseDescriptorLimit()
    let slot = assignment.slot
    board[slot].begin(pid: Machine.pid, generation: assignment.generation)
    // Room for the answer to the longest message, and for what waits before it.
    let limits = StreamTable.Limits(
      streams: max(64, descriptors - Self.descriptorReserve),
      output: max(4 << 20, 2 * Int(settings.messageLimits.message)))
    sockets = try Sockets(loop, limits: limits, board: board, slot: slot)
    let habits = Talk.Habits(
      heartbeatEvery: settings.heartbeatInterval, heartbeatPatience: settings.heartbeatTimeout,
      notice: settings.notifyText)
    talk = Talk(sockets, habits: habits)
    desk = Desk(sockets, limits: HTTPLimits())
    front = Front(sockets, desk: desk, talk: talk)
    hall = PlainHall(sockets)
    let keys = RedisKeys(namespace: settings.namespace)
    redis = Redis(loop, endpoint: endpoint, name: "sluice-worker-\(slot)")
    bus = Bus(
      sockets, redis: redis, endpoint: endpoint, keys: keys,
      address: Bus.Address(host: host, slot: slot, generation: assignment.generation))
    broadcasts = Broadcasts(bus, board: board, loop: loop)
    leaving = Leaving(sockets, log: log)
    report = WorkerReport(sockets, redis: redis, keys: keys, host: host)
    var terms = Answers.Terms(host: host)
    terms.offer = HandshakeOffer(deflate: settings.deflate)
    terms.noticeEvery = settings.notifyInterval
    terms.maxConnections = settings.maxConnections
    terms.admission = Admission(token: settings.adminToken, listensPublicly: assignment.listensPublicly)
    answers = Answers(sockets, terms: terms)
    connect(limits: settings.messageLimits)
  }

  /// Who hears whom.
  private func connect(limits: MessageLimits) {
    desk.answer = { [unowned self] in answers.answer($0, $1) }
    desk.upgraded = { [unowned self] stream, opening in
      sockets.open(stream, opening, limits: limits)
      talk.begin(stream, noticeEvery: opening.noticeEvery)
      bus.welcome(stream)
    }
    sockets.onCount = { [unowned self] in report.soon() }
    talk.heard = { [unowned self] in hall.heard($0, $1, $2) }
    hall.publish = { [unowned self] in bus.publish($0, $1, $2) }
    answers.isDraining = { [unowned self] in leaving.isDraining }
    answers.broadcast = { [unowned self] in broadcasts.take($0, $1) }
    broadcasts.complete = { [unowned self] in desk.complete($0, $1) }
    bus.onTold = { [unowned self] in told($0, $1, $2) }
    bus.onFollowing = { [unowned self] in becomeReady() }
    redis.onHealth = { [unowned self] in
      log.info("redis is \($0.rawValue)", event: "redis_\($0.rawValue)")
      report.noteHealth($0)
    }
    channel.onPacket = { [unowned self] packet, descriptors in
      for number in descriptors { _ = Glibc.close(number) }
      if let order = Order(packet) { obey(order) }
    }
    channel.onEnd = { [unowned self] in leave() }
  }

  /// `numbers[slot]` are the listening sockets of that slot.
  func start(listeners numbers: [[Int32]]) {
    listeners = numbers.map { slot in
      slot.map { number in Listener(loop, socket: number) { [unowned self] in front.accept($0) } }
    }
    redis.open()
    bus.open()
    report.start()
    // A worker that comes back while Redis is away serves what can be served without it.
    loop.after(Self.readyPatience) { [unowned self] in becomeReady() }
  }

  private func becomeReady() {
    if isReady { return }
    isReady = true
    board[assignment.slot].state = leaving.isDraining ? .draining : .serving
    accept(from: assignment.slot, true)
    channel.send(Word.ready.packet)
  }

  private func accept(from slot: Int, _ isWanted: Bool) {
    guard listeners.indices.contains(slot) else { return }
    for listener in listeners[slot] {
      if !isWanted {
        listener.pause()
        continue
      }
      do throws(SystemError) { try listener.resume() } catch {
        log.error("cannot accept: \(error)", event: "listener")
      }
    }
  }

  // MARK: Orders

  private func obey(_ order: Order) {
    switch order {
    case .begin: return
    case .drain(let number, let timeout):
      leaving.begin(number, timeoutSeconds: timeout)
      report.soon()
      channel.send(Word.draining(number: number).packet)
    case .resume: leaving.takeBack()
    case .close(let count, let ending): leaving.close(count, ending)
    case .progress(let count, let remaining): leaving.report(sockets: count, remainingSeconds: remaining)
    case .stop(let how):
      if how == .complete { leaving.complete() }
      leave()
    case .cover(let slot): if isReady { accept(from: slot, true) }
    case .uncover(let slot): if slot != assignment.slot { accept(from: slot, false) }
    case .told(let told): broadcasts.told(told.request, total: told.total, failed: told.failed)
    }
  }

  private func told(_ request: UInt64, _ slot: Int, _ count: FanOut.Count) {
    if slot == assignment.slot { return broadcasts.told(request, total: count.total, failed: count.failed) }
    let told = Told(slot: slot, request: request, total: count.total, failed: count.failed)
    channel.send(Word.told(told).packet)
  }

  // MARK: End

  /// Lets what is queued reach the clients, then ends.
  private func leave() {
    if isStopping { return }
    isStopping = true
    for slot in listeners { for listener in slot { listener.pause() } }
    leaving.close(.max, .forced)
    board[assignment.slot].state = .stopped
    let deadline = loop.now + Self.lastWordsPatience
    waitForClients(until: deadline)
  }

  private func waitForClients(until deadline: Moment) {
    if board[assignment.slot].connections == 0 || loop.now >= deadline {
      bus.close()
      return report.finish { [loop] in loop.stop() }
    }
    loop.after(.milliseconds(10)) { [unowned self] in waitForClients(until: deadline) }
  }
}
