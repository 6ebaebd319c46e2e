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
  private let house: House
  private let succession: Successions
  private let moves: Moves
  private let doors: Doors
  private var phase = Phase.asleep
  private var isReady = false

  private static let readyPatience = Duration.seconds(2)
  private static let lastWordsPatience = Duration.seconds(2)
  private static let supervisorPatience = Duration.seconds(2)

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
    // Room for the answer to the longest message, and for what waits before it.
    sockets = try Sockets(
      loop, in: pages, output: max(4 << 20, 2 * Int(settings.messageLimits.message)), board: board,
      slot: assignment.slot)
    sockets.pass = assignment.pass
    house = House(
      sockets, settings: settings, endpoint: endpoint, host: host,
      listensPublicly: assignment.listensPublicly, log: log)
    succession = Successions(sockets, generation: assignment.generation)
    moves = Moves(
      sockets, bus: house.bus, succession: succession, relocation: house.reception.relocation)
    doors = Doors(loop, log: log) { [front = house.front] in front.accept($0) }
    connectLife()
    connectRedis()
  }

  private func connectLife() {
    house.onReady = { [unowned self] in becomeReady() }
    house.onTold = { [line] request, slot, count in
      let told = Told(slot: slot, request: request, total: count.total, failed: count.failed)
      line.send(Word.told(told).packet)
    }
    house.front.onAdmitted = { [unowned self] in succession.admitted($0) }
    succession.pause = { [unowned self] in fallAsleep() }
    succession.resume = { [unowned self] in wake($0, $1) }
    succession.say = { [unowned self] in line.send($0.packet) }
    succession.leave = { [loop] in loop.stop() }
    succession.isLed = { [line] in line.isTied }
    succession.isQuiet = { [house] in house.desk.waiting == 0 && house.tasks.runner.isQuiet }
    moves.say = succession.say
    moves.onGiven = house.concourse.given
    moves.mayPass = house.concourse.mayPass
    line.onPacket = { [unowned self] packet, descriptors in receive(packet, descriptors) }
    line.onLost = { [log] in log.warning("the supervisor is gone; serving on", event: "supervisor_lost") }
    line.introduction = { [unowned self] in introduction }
  }

  private func connectRedis() {
    house.redis.onReady = { [unowned self] in if phase != .asleep { house.connected() } }
    house.redis.onLost = { [unowned self] in if phase != .asleep { house.bus.disconnected() } }
    house.bus.onDenied = { [unowned self] health in
      board[assignment.slot].redis.health = health
      remark(on: health)
    }
    var isRefusing = false
    house.redis.onHealth = { [unowned self] health in
      // Well again only when nothing that is said can be missed any more.
      if phase != .asleep, health != .up || board[assignment.slot].isFollowing == 1 {
        board[assignment.slot].redis.health = health
      }
      log.debug("redis is \(health.rawValue)", event: "redis_\(health.rawValue)")
      // What it did not take meanwhile it is told now; after a new connection it is anyhow.
      if health == .up, isRefusing, phase != .asleep { house.reception.connected() }
      // A late answer, or a single wrong key, is no reason to tell everything anew.
      isRefusing = house.redis.isReady && ![.up, .slow, .wrongtype].contains(health)
      if health != .up { remark(on: health) }
    }
  }

  /// The supervisor says how Redis is doing, but for what only workers need of it.
  private func remark(on health: RedisHealth) {
    loop.after(Self.supervisorPatience) { [unowned self] in
      if phase != .serving || board[assignment.slot].redis.health != health { return }
      if board.host.redis.health != .up { return }
      log.warning(
        "worker \(assignment.slot): redis is \(health.rawValue)", event: "redis_\(health.rawValue)")
    }
  }

  /// `numbers[slot]` are the listening sockets of that slot.
  func start(listeners numbers: [[Int32]]) {
    doors.hang(numbers)
    showRole()
    // Whoever stands by is connected ahead: the first request after a takeover is not turned away.
    if assignment.role == .worker { beginFresh() } else { house.redis.open() }
  }

  private var introduction: (packet: [UInt8], descriptors: [Int32])? {
    if phase == .stopping { return nil }
    let registration = Registration(
      assignment: assignment, pid: Machine.pid, isServing: phase == .serving, keepsAll: succession.keepsAll)
    let descriptors = [board.pages.number, sockets.slotPages.pages.number]
    return (Word.registered(registration).packet, descriptors + doors.numbers)
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
    board[assignment.slot].state = house.leaving.isDraining ? .draining : .serving
    if !house.leaving.isDraining { doors.open(assignment.slot) }
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
    house.open()
    loop.after(Self.readyPatience) { [unowned self] in
      if house.redis.isReady || phase != .serving { return }
      let health = house.redis.health
      board[assignment.slot].redis.health = health == .up ? .slow : health
      house.bus.disconnected()
    }
  }

  private func fallAsleep() {
    moves.end()
    phase = .asleep
    showRole()
    doors.closeAll()
    house.rest()
  }

  /// The worker before died of what this socket sent: it is told goodbye, and heard no more.
  private func expel(_ stream: StreamID) {
    let poison = Poison(
      bytes: sockets.table.pendingInput(of: stream, atMost: Poison.mostBytes),
      peer: sockets.peerName(of: stream), fields: sockets.logFields(of: stream))
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
    board[assignment.slot].state = house.leaving.isDraining ? .draining : .serving
    doors.open(assignment.slot)
    line.send(Word.ready.packet)
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
      if phase != .serving { return house.leaving.note(isDraining: true) }
      moves.end()
      house.leaving.begin(number, timeoutSeconds: timeout)
      house.tasks.runner.rest()
      house.report.soon()
      line.send(Word.draining(number: number).packet)
    case .resume:
      if phase != .serving { return house.leaving.note(isDraining: false) }
      house.leaving.takeBack()
      house.tasks.runner.wake()
    case .close(let count, let ending): if phase == .serving { house.leaving.close(count, ending) }
    case .progress(let count, let remaining):
      if phase == .serving { house.leaving.report(sockets: count, remainingSeconds: remaining) }
    case .stop(let how):
      if phase == .asleep { return loop.stop() }
      if how == .complete { house.leaving.complete() }
      leave()
    case .cover(let slot): if isReady && phase == .serving { doors.open(slot) }
    case .uncover(let slot): if slot != assignment.slot { doors.close(slot) }
    case .told(let told): house.told(told)
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

  // MARK: End

  /// Lets what is queued reach the clients, and letters of tasks their receivers, then ends.
  private func leave() {
    if phase == .stopping { return }
    moves.end()
    phase = .stopping
    doors.closeAll()
    house.leaving.close(.max, .forced)
    board[assignment.slot].state = .stopped
    let deadline = loop.now + Self.lastWordsPatience
    waitForClients(until: deadline)
  }

  private func waitForClients(until deadline: Moment) {
    let isQuiet = board[assignment.slot].connections == 0 && house.tasks.runner.isQuiet
    if isQuiet || loop.now >= deadline { return house.finish { [loop] in loop.stop() } }
    loop.after(.milliseconds(10)) { [unowned self] in waitForClients(until: deadline) }
  }
}
