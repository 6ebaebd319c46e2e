import Bytes
import CommandLine
import EventLoop
import FleetState
import Glibc
import RedisClient
import WireProtocol

/// One process of a worker slot: a loop, its sockets, its halls, its line to Redis and to the supervisor.
///
/// In: orders. Out: words, and an exit code. It begins fresh, or asleep as a standby that another process' sockets are
/// given hold of; asleep it touches nothing that is shared. It is replaceable at any instant: whatever matters of its
/// sockets lies in the slot's pages.
final class Worker {
  private enum Phase { case asleep, serving, stopping }

  private let loop: EventLoop
  private let log: Log
  private let assignment: Assignment
  private let line: Line
  private let board: Board
  private let sockets: Sockets
  private let front: Front
  private let desk: Desk
  private let talk: Talk
  private let sluice: SluiceHall
  private let reception: Reception
  private let concourse: Concourse
  private let bus: Bus
  private let offices: Offices
  private let leaving: Leaving
  private let redis: Redis
  private let tasks: Tasks
  private let report: WorkerReport
  private let succession: Successions
  private let moves: Moves
  private let patrol: Patrol
  private let ingress: Ingress?
  private let witness: Witness?
  private var listeners: [[Listener]] = []
  private var phase = Phase.asleep
  private var isReady = false

  private static let readyPatience = Duration.seconds(2)
  private static let lastWordsPatience = Duration.seconds(2)

  init(
    _ loop: EventLoop, line: Line, board: Board, pages: SlotPages, assignment: Assignment,
    settings: ServerSettings, endpoint: RedisEndpoint, host: Name, log: Log
  ) throws(SystemError) {
    self.loop = loop
    self.line = line
    self.board = board
    self.assignment = assignment
    self.log = log
    _ = Machine.raiseDescriptorLimit()
    let slot = assignment.slot
    // Room for the answer to the longest message, and for what waits before it.
    sockets = try Sockets(
      loop, in: pages, output: max(4 << 20, 2 * Int(settings.messageLimits.message)), board: board, slot: slot
    )
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
      address: Publisher.Address(host: host, slot: slot, life: pages.life))
    tasks = Tasks(
      sockets, bus: bus, redis: redis, endpoint: endpoint, keys: keys, terms: settings.tasks, log: log)
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
    succession = Successions(sockets, generation: assignment.generation)
    moves = Moves(sockets, bus: bus, succession: succession, relocation: reception.relocation)
    var terms = Answers.Terms(host: host)
    terms.offer = HandshakeOffer(subprotocols: [SluiceWish.subprotocol], deflate: settings.deflate)
    terms.noticeEvery[.ws] = settings.notifyInterval
    terms.noticeEvery[.chat] = settings.heartbeatInterval
    terms.noticeEvery[.clients] = settings.heartbeatType == .ping ? settings.heartbeatInterval : .zero
    terms.entrance = desk.entrance
    terms.hasMetrics = settings.enableMetrics
    terms.admission = Admission(token: settings.adminToken, listensPublicly: assignment.listensPublicly)
    offices = Offices(
      sockets, bus: bus, redis: redis, keys: keys, reception: reception, tasks: tasks.desk,
      terms: Offices.Terms(answers: terms, hasOwnRedis: settings.redis == nil), log: log)
    connect(limits: settings.messageLimits)
    connectLife()
  }

  /// Who hears whom.
  private func connect(limits: MessageLimits) {
    offices.connect(to: desk) { [unowned self] in leaving.isDraining }
    desk.upgraded = { [unowned self] stream, opening in
      sockets.open(stream, opening, limits: limits)
      talk.begin(stream, noticeEvery: opening.noticeEvery)
      bus.welcome(stream)
      witness?.came(stream)
      concourse.came(stream)
    }
    sockets.onCount = { [unowned self] in report.soon() }
    sockets.onLeave = { [unowned self] in
      concourse.left($0)
      witness?.went($0)
    }
    talk.heard = { [unowned self] in concourse.heard($0, $1, $2) }
    talk.onNotice = { [unowned self] in concourse.notice($0) }
    leaving.farewell = { [unowned self] in concourse.farewell($0) }
    if let fault = Fault.planned(slot: assignment.slot, log: log) {
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
    bus.onBehind = { [unowned self] in sluice.fellBehind($0) }
    leaving.hint = { [unowned self] in concourse.hint($0, in: $1) }
    front.onRejoined = { [unowned self] in concourse.rejoined($0) }
    bus.onAct = { [unowned self] in concourse.act($0, $1, at: $2) }
    reception.answer(through: desk)
    bus.onAnswer = { [unowned self] in reception.deliveries.told($0, $1) }
    bus.onTold = { [unowned self] in told($0, $1, $2) }
    bus.onFollowing = { [unowned self] in
      if redis.isReady { board[assignment.slot].redis.health = redis.health }
      if sluice.isReady { becomeReady() }
    }
    sluice.onReady = { [unowned self] in if bus.isReady { becomeReady() } }
    front.onAdmitted = { [unowned self] in succession.admitted($0) }
  }

  private func connectLife() {
    redis.onReady = { [unowned self] in if phase != .asleep { redisReady() } }
    redis.onHealth = { [unowned self] health in
      // Well again only when nothing that is said can be missed any more.
      if phase != .asleep, health != .up || board[assignment.slot].isFollowing == 1 {
        board[assignment.slot].redis.health = health
      }
      log.debug("redis is \(health.rawValue)", event: "redis_\(health.rawValue)")
      if health == .down && phase != .asleep { bus.disconnected() }
    }
    succession.pause = { [unowned self] in fallAsleep() }
    succession.resume = { [unowned self] in wake($0, $1) }
    succession.say = { [unowned self] in line.send($0.packet) }
    succession.leave = { [loop] in loop.stop() }
    succession.isQuiet = { [unowned self] in desk.waiting == 0 && tasks.runner.isQuiet }
    moves.say = succession.say
    moves.onGiven = { [concourse, witness] in
      concourse.given($0)
      witness?.gave($0)
    }
    moves.mayPass = concourse.mayPass
    line.onPacket = { [unowned self] packet, descriptors in receive(packet, descriptors) }
    line.onLost = { [log] in log.warning("the supervisor is gone; serving on", event: "supervisor_lost") }
    line.introduction = { [unowned self] in introduction }
  }

  /// `numbers[slot]` are the listening sockets of that slot.
  func start(listeners numbers: [[Int32]]) {
    listeners = numbers.map { slot in
      slot.map { number in Listener(loop, socket: number) { [unowned self] in front.accept($0) } }
    }
    showRole()
    // Whoever stands by is connected ahead: the first request after a takeover is not turned away.
    if assignment.role == .worker { beginFresh() } else { redis.open() }
  }

  private var introduction: (packet: [UInt8], descriptors: [Int32])? {
    if phase == .stopping { return nil }
    let registration = Registration(
      assignment: assignment, pid: Machine.pid, isServing: phase == .serving, keepsAll: succession.keepsAll)
    let descriptors = [board.pages.number, sockets.slotPages.pages.number]
    return (Word.registered(registration).packet, descriptors + listeners.joined().map(\.number))
  }

  /// For those who look at a list of processes: `wsserver/w0` serves slot 0, `wsserver/s0` stands by.
  private func showRole() {
    Machine.nameProcess("wsserver/\(phase == .asleep ? "s" : "w")\(assignment.slot)")
  }

  // MARK: Serving

  private func beginFresh() {
    phase = .serving
    showRole()
    board[assignment.slot].begin(pid: Machine.pid, generation: assignment.generation)
    succession.claim()
    sockets.beginFresh()
    beginWork()
    // A worker that comes back while Redis is away serves what can be served without it.
    loop.after(Self.readyPatience) { [unowned self] in becomeReady() }
  }

  private func wake(_ how: Successions.How, _ begun: Moment) {
    phase = .serving
    board[assignment.slot].begin(pid: Machine.pid, generation: assignment.generation)
    let taken = succession.takeOver(how)
    if let suspect = taken.suspect, how == .fault { expel(suspect) }
    isReady = true
    board[assignment.slot].state = leaving.isDraining ? .draining : .serving
    if !leaving.isDraining { accept(from: assignment.slot, true) }
    let micros = Moment.current.nanoseconds(since: begun) / 1000
    showRole()
    beginWork()
    line.send(
      Word.serving(
        Succession(
          sockets: sockets.count, missing: taken.missing, broken: taken.broken, micros: Int(micros),
          isPlanned: how == .planned, hadSuspect: taken.suspect != nil && how == .fault)
      ).packet)
  }

  private func beginWork() {
    succession.beatEachTurn()
    redis.open()
    bus.open()
    tasks.open(resting: leaving.isDraining)
    ingress?.open()
    patrol.start()
    report.start()
    sluice.begin()
    reception.start()
    if redis.isReady { redisReady() }
    loop.after(Self.readyPatience) { [unowned self] in
      if redis.isReady || phase != .serving { return }
      board[assignment.slot].redis.health = redis.health == .up ? .slow : redis.health
      bus.disconnected()
    }
  }

  private func redisReady() {
    report.send()
    sluice.connected()
    bus.connected()
    tasks.connected()
    reception.connected()
  }

  private func fallAsleep() {
    moves.end()
    phase = .asleep
    showRole()
    for slot in listeners { for listener in slot { listener.pause() } }
    report.pause()
    sluice.pause()
    patrol.pause()
    reception.pause()
    ingress?.close()
    bus.close()
    tasks.runner.close()
  }

  /// The worker before died of what this socket sent: it is told goodbye, and heard no more.
  private func expel(_ stream: StreamID) {
    let poison = Poison(
      bytes: sockets.table.pendingInput(of: stream, atMost: Poison.mostBytes),
      peer: sockets.table.peerName(of: stream))
    sockets.count(.internalError)
    sockets.close(stream, .internalError, "this connection made a worker fail")
    sockets.table.finish(stream)
    // The others do not wait for a disk.
    loop.next { [assignment, log] in
      poison.keep(in: assignment.state, slot: assignment.slot, log: log)
    }
  }

  private func becomeReady() {
    if isReady || phase != .serving { return }
    isReady = true
    board[assignment.slot].state = leaving.isDraining ? .draining : .serving
    accept(from: assignment.slot, true)
    line.send(Word.ready.packet)
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

  private func receive(_ packet: Span<UInt8>, _ descriptors: [Int32]) {
    let order = Order(packet)
    if case .tie(let tie)? = order, descriptors.count == 1 {
      return succession.tie(tie, Descriptor(owning: descriptors[0]))
    }
    if let order, order.isMove, descriptors.count == 1, phase == .serving {
      return moves.obey(order, Descriptor(owning: descriptors[0]))
    }
    for number in descriptors { _ = Glibc.close(number) }
    if let order { obey(order) }
  }

  private func obey(_ order: Order) {
    switch order {
    case .begin, .tie, .give, .receive: return
    case .takeOver(let death): if phase == .asleep { succession.inherit(death) }
    case .prepare: if phase == .asleep { succession.prepare() }
    case .handOver(let generation): if phase == .serving { succession.handOver(to: generation) }
    case .audit(let isFixing): audit(fixing: isFixing)
    case .retire: if phase == .asleep { loop.stop() }
    case .drain(let number, let timeout):
      if phase != .serving { return leaving.note(isDraining: true) }
      moves.end()
      leaving.begin(number, timeoutSeconds: timeout)
      tasks.runner.rest()
      report.soon()
      line.send(Word.draining(number: number).packet)
    case .resume:
      if phase != .serving { return leaving.note(isDraining: false) }
      leaving.takeBack()
      tasks.runner.wake()
    case .close(let count, let ending): if phase == .serving { leaving.close(count, ending) }
    case .progress(let count, let remaining):
      if phase == .serving { leaving.report(sockets: count, remainingSeconds: remaining) }
    case .stop(let how):
      if phase == .asleep { return loop.stop() }
      if how == .complete { leaving.complete() }
      leave()
    case .cover(let slot): if isReady && phase == .serving { accept(from: slot, true) }
    case .uncover(let slot): if slot != assignment.slot { accept(from: slot, false) }
    case .told(let told): offices.broadcasts.told(told.request, total: told.total, failed: told.failed)
    }
  }

  private func audit(fixing: Bool) {
    if phase != .serving {
      let word = AuditWord(checked: 0, gaps: [], kept: succession.keptCount)
      return line.send(Word.audited(word).packet)
    }
    let audit = Audit(of: sockets, fixing: fixing)
    line.send(Word.audited(AuditWord(checked: audit.checked, gaps: audit.gaps, kept: nil)).packet)
  }

  private func told(_ request: UInt64, _ slot: Int, _ count: FanOut.Count) {
    if slot == assignment.slot {
      return offices.broadcasts.told(request, total: count.total, failed: count.failed)
    }
    let told = Told(slot: slot, request: request, total: count.total, failed: count.failed)
    line.send(Word.told(told).packet)
  }

  // MARK: End

  /// Lets what is queued reach the clients, and letters of tasks their receivers, then ends.
  private func leave() {
    if phase == .stopping { return }
    moves.end()
    phase = .stopping
    for slot in listeners { for listener in slot { listener.pause() } }
    leaving.close(.max, .forced)
    board[assignment.slot].state = .stopped
    let deadline = loop.now + Self.lastWordsPatience
    waitForClients(until: deadline)
  }

  private func waitForClients(until deadline: Moment) {
    let isQuiet = board[assignment.slot].connections == 0 && tasks.runner.isQuiet
    if isQuiet || loop.now >= deadline {
      reception.list.finish()
      bus.close()
      tasks.runner.leave()
      return report.finish { [loop] in loop.stop() }
    }
    loop.after(.milliseconds(10)) { [unowned self] in waitForClients(until: deadline) }
  }
}
