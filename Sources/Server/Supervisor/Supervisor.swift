import EventLoop
import FleetState
import Glibc
import RedisClient

/// The parent of everything: binds the listeners, has a Redis, keeps the workers running, leads the drain.
///
/// It touches no client byte. In: signals, what workers say, operators' commands. Out: an exit code.
final class Supervisor {
  private enum Phase { case starting, serving, stopping }

  private let loop: EventLoop
  private let log: Log
  private let settings: ServerSettings
  private let mode: SupervisorMode
  private let place: StatePlace
  private let board: Board
  private let listeners: Listeners
  private let host: Name
  private let conductor: DrainConductor
  private let upgrader: Upgrader
  private let reread: () throws(StartError) -> ServerSettings
  private var rolls: RollDesk?
  private var auditDesk: AuditDesk?
  private var rebalance: RebalanceDesk?
  private var embedded: EmbeddedRedis?
  private var slots: [WorkerSlot] = []
  private var registry: Registry?
  private var signals: Signals?
  private var phase = Phase.starting
  private var failure: StartError?
  private let started = WallClock.unixMilliseconds
  private let lock: StateLock?
  private let ground: Ground

  private static let pulseEvery = Duration.milliseconds(250)

  /// `arguments`: the server's own, for the program that may follow this one.
  init(
    _ settings: ServerSettings, mode: SupervisorMode, arguments: [String], log: Log,
    reread: @escaping () throws(StartError) -> ServerSettings
  ) throws(StartError) {
    self.settings = settings
    self.mode = mode
    self.reread = reread
    self.log = log
    Machine.nameProcess("wsserver/lead")
    place = try StatePlace(for: settings)
    do throws(SystemError) { loop = try EventLoop() } catch { throw .unreachable("no event loop: \(error)") }
    ground = try Ground.lay(loop, settings, mode: mode, place: place, log: log)
    board = ground.board
    listeners = ground.listeners
    host = ground.host
    lock = settings.redis == nil ? try StateLock(place.state) : nil
    conductor = DrainConductor(loop, board: board, log: log)
    upgrader = Upgrader(
      loop, signature: SlotPages.signature, arguments: arguments, server: mode.server)
  }

  /// Returns when everything has ended.
  func run() throws(StartError) {
    do throws(SystemError) {
      signals = try Signals(loop, [SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2]) { [unowned self] in
        signal($0)
      }
      // From inside the loop, because a start that fails stops it.
      loop.next { [unowned self] in startRedis() }
      try loop.run()
    } catch {
      throw .unreachable("the event loop broke: \(error)")
    }
    if let failure { throw failure }
  }

  // MARK: Start

  private func startRedis() {
    if let url = settings.redis { return join(url) }
    do throws(StartError) {
      let path = try place.madeRedisSocket()
      let embedded = try EmbeddedRedis(loop, log: log, directory: place.state, socketPath: path)
      embedded.onFailure = { [unowned self] in fail(.unreachable($0)) }
      embedded.onReady = { [unowned self] in join(RedisEndpoint(.unix(path: path))) }
      self.embedded = embedded
      if mode.kind == .first { embedded.start() } else { embedded.resume() }
    } catch {
      fail(error)
    }
  }

  private func join(_ endpoint: RedisEndpoint) {
    let registry = Registry(
      loop, endpoint: endpoint, keys: RedisKeys(namespace: settings.namespace), host: host, board: board)
    registry.record = { [unowned self] in record() }
    registry.onCommand = { [unowned self] in obey($0) }
    registry.onFirstContact = { [unowned self] in
      if slots.isEmpty { startWorkers(endpoint) }
      if phase == .serving { registry.tell(.started, "ready, Redis has come") }
      follow()
    }
    registry.onAbsent = { [unowned self] reason in
      // Those who serve already need a leader all the same.
      if !slots.isEmpty { return follow() }
      if settings.redisPatience != nil { return }
      log.warning("no Redis at \(endpoint): \(reason); serving without it", event: "redis_absent")
      startWorkers(endpoint)
    }
    registry.patience = settings.redisPatience
    registry.onHopeless = { [unowned self] reason in
      // Those who serve already can wait for it.
      if !slots.isEmpty { return }
      let help = "start it, leave --redis out and one is started for you, or --redis-patience none"
      fail(.unreachable("cannot reach Redis at \(endpoint): \(reason); \(help)"))
    }
    registry.onHealth = { [unowned self] in if phase != .stopping { log.redis($0, registry.lastError) } }
    registry.onSurvivors = { [unowned self] in conductor.hear($0) }
    registry.start()
    self.registry = registry
    if !ground.orphans.isEmpty { startWorkers(endpoint) }
  }

  private func startWorkers(_ endpoint: RedisEndpoint) {
    for number in 0..<ground.slots {
      let slot = WorkerSlot(
        loop, number: number, board: board.pages.number, listeners: listeners.numbers.flatMap { $0 },
        streams: ground.streams, arguments: settings.arguments)
      slot.assignment = { [unowned self] generation, role, arguments in
        Assignment(
          role: role, streams: ground.streams, slot: number, generation: generation, slots: ground.slots,
          host: host.text, state: place.state, redis: endpoint.url, addresses: listeners.addresses.count,
          listensPublicly: listeners.isPublic,
          controlPath: (try? place.controlSocket(of: mode.server)) ?? "", arguments: arguments)
      }
      slot.firstOrders = { [unowned self] in conductor.ordersForNewcomer }
      slot.onReady = { [unowned self] in workerReady(number) }
      slot.onWord = { [unowned self] in heard($0, from: number) }
      slot.onCrash = { [unowned self] in crashed(number, $0, $1, $2) }
      slot.onGuarded = { [unowned self] in registry?.renewSoon() }
      slot.onSuccession = { [unowned self] in succeeded(number, $0) }
      slot.onStopped = { [unowned self] in finishIfAllStopped() }
      slots.append(slot)
      do throws(SystemError) { try begin(slot) } catch {
        fail(.unreachable("cannot start a worker: \(error)"))
      }
    }
    rolls = RollDesk(
      RollConductor(loop, slots), board: board, settings: settings, reread: reread, log: log)
    rolls?.onStep = { [unowned self] progress, command in
      registry?.tell(.roll(progress, host: host, command: command))
      registry?.renewSoon()
    }
    auditDesk = AuditDesk(loop, board: board, listeners: listeners)
    auditDesk?.ask = { [unowned self] isFixing in
      for slot in slots { slot.sendPair(.audit(fixing: isFixing)) }
    }
    auditDesk?.registered = { [unowned self] in registry?.sockets(ofWorker: $0, $1) }
    auditDesk?.onReport = { [unowned self] in registry?.tell(.audited($0, host: host, command: $1)) }
    rebalance = RebalanceDesk(loop, board: board, slots: slots, host: host, log: log)
    rebalance?.onEvent = { [unowned self] in registry?.tell($0) }
    rolls?.isRebalancing = { [unowned self] in rebalance?.isBusy == true }
    rolls?.isRedisUp = { [unowned self] in registry?.health == .up }
    _ = loop.every(Self.pulseEvery) { [unowned self] in checkPulses() }
    conductor.onOrder = { [unowned self] in order($0) }
    conductor.onPhase = { [unowned self] in phaseBegan($0) }
    conductor.onRemark = { [unowned self] in registry?.tell(.drain, $0) }
    conductor.onEnd = { [unowned self] in drained() }
  }

  private func begin(_ slot: WorkerSlot) throws(SystemError) {
    if ground.orphans.isEmpty { return try slot.start() }
    let own = ground.orphans.filter { $0.registration.assignment.slot == slot.number }
    // A worker that serves and has not come stands still.
    if !own.contains(where: \.registration.isServing) { slot.end(stillWorker: board[slot.number].pid) }
    try slot.adopt(own, lastGeneration: board[slot.number].generation)
  }

  /// After a supervisor that died, or became this program: what it was about goes on.
  private func follow() {
    if ground.orphans.isEmpty || phase != .starting { return }
    phase = .serving
    announce()
    if (0..<ground.slots).contains(where: { board[$0].state == .draining }) {
      drain(settings.drainPlan)
    } else if mode.kind == .upgraded {
      rolls?.upgrade(command: mode.command.flatMap { Name($0) })
    }
  }

  private func workerReady(_ number: Int) {
    for slot in slots where slot.number != number { slot.send(.uncover(slot: number)) }
    if slots.count == ground.slots, slots.allSatisfy({ $0.phase == .serving }), phase == .starting {
      phase = .serving
      announce()
    }
  }

  private func announce() {
    let addresses = listeners.addresses.map(\.description).joined(separator: " ")
    log.info("listening on \(addresses), \(ground.slots) workers, host \(host)", event: "ready")
    if listeners.isPublic && settings.adminToken == nil {
      log.warning(
        "listening publicly without admin_token: routes that change things answer 403",
        event: "no_admin_token")
    }
    for remark in settings.remarks { log.warning(remark, event: "setting") }
    registry?.renewSoon()
    registry?.tell(.started, "ready, \(ground.slots) workers")
    ServerFile(
      namespace: settings.namespace, host: host, pid: Machine.pid, redis: registry?.endpoint.url ?? "",
      listen: listeners.addresses.map(\.description), build: Build.version, started: started
    ).publish(in: place, log)
  }

  private func fail(_ error: StartError) {
    if failure == nil { failure = error }
    stopEverything(.forced)
  }

  // MARK: Workers

  private func order(_ order: Order) {
    guard case .close(let count, let ending) = order, count != .max else {
      for slot in slots { slot.sendAll(order) }
      return
    }
    // Each worker gets its share of what is open; the remainder goes to the first that have enough.
    let shares = Shares.split(count, over: slots.map { Int(clamping: board[$0.number].sockets) })
    for (slot, share) in zip(slots, shares) where share > 0 { slot.send(.close(count: share, ending)) }
  }

  private func heard(_ word: Word, from number: Int) {
    switch word {
    case .ready, .draining, .kept, .prepared, .serving, .unchanged, .registered: return
    case .audited(let word): auditDesk?.heard(number, word)
    case .gave(let gift): rebalance?.gave(number, gift)
    case .told(let told):
      if let asker = slots.first(where: { $0.number == told.slot }) { asker.send(.told(told)) }
    }
  }

  /// `pause`: nobody had kept its sockets, and the next worker starts after it.
  private func crashed(_ number: Int, _ pid: Int32, _ how: ProcessExit, _ pause: Duration?) {
    board.host.crashes += 1
    rolls?.conductor.workerLost(number)
    rebalance?.workerLost(number)
    let next = pause.map { "the next one starts in \($0)" } ?? "its standby takes over"
    let text = "worker \(number) (pid \(pid)) ended: \(how); \(next)"
    log.error(text, event: "worker_crash")
    registry?.tell(.crashed, text, slot: number)
    if pause == nil { return }
    board.settleCrash(of: number)
    registry?.forget(worker: number)
    // The kernel goes on handing connections to its sockets: the others take them meanwhile.
    for slot in slots where slot.number != number { slot.send(.cover(slot: number)) }
  }

  private func succeeded(_ number: Int, _ succession: Succession) {
    board.host.restarts += 1
    rolls?.conductor.tookOver(number, succession)
    // Of a planned one the roll's own step tells.
    if succession.isPlanned { return }
    let text = "worker \(number): \(succession.sentence)"
    log.info(text, event: "worker_succession")
    registry?.tell(.handover, text, slot: number)
  }

  private func checkPulses() {
    for slot in slots {
      guard let stillness = slot.checkPulse() else { continue }
      let text =
        "worker \(slot.number) (pid \(slot.pid ?? 0)) has stood still for \(stillness.words) and is ended"
      log.error(text, event: "worker_hung")
      registry?.tell(.hung, text, slot: slot.number)
    }
  }

  // MARK: Drain

  private func signal(_ number: Int32) {
    switch number {
    case SIGTERM, SIGINT:
      if phase != .serving { return stopEverything(.forced) }
      if conductor.isDraining { return conductor.force() }
      drain(rolls?.settings.drainPlan ?? settings.drainPlan)
    case SIGHUP:
      if case .refused(let reason)? = conductor.isDraining ? nil : rolls?.reload(command: nil) {
        log.error("nothing is reloaded: \(reason)", event: "reload_refused")
      }
    case SIGUSR2:
      if case .refused(let reason) = upgrade(nil) {
        log.error("no upgrade: \(reason)", event: "upgrade_refused")
      }
    default: log.info("signal \(number) has no meaning here yet", event: "signal")
    }
  }

  private func obey(_ command: ControlCommand) -> FleetEvent.Answer {
    guard phase == .serving else { return .refused(reason: "the server is not serving") }
    switch command.verb {
    case .drain:
      if conductor.phase == .forcing || conductor.phase == .stopped {
        return .refused(reason: "it is ending already")
      }
      log.info("drain asked for by \(command.issuer)", event: "command")
      drain(command.preset ?? rolls?.settings.drainPlan ?? settings.drainPlan)
      return .done
    case .undrain:
      if !conductor.isDraining { return .refused(reason: "there is no drain to take back") }
      log.info("undrain asked for by \(command.issuer)", event: "command")
      return conductor.undrain() ? .done : .refused(reason: "too late: the rest are being closed")
    case .roll, .reload, .pause, .proceed, .takeback:
      if conductor.isDraining { return .refused(reason: "a drain is on") }
      return rolls?.obey(command) ?? .refused(reason: "there is no worker yet")
    case .upgrade: return upgrade(command)
    case .audit:
      return auditDesk?.begin(command) == true ? .done : .refused(reason: "an audit is under way")
    case .rebalance:
      if conductor.isDraining { return .refused(reason: "a drain is on") }
      if rolls?.conductor.isRolling == true || upgrader.isBusy { return .refused(reason: "a roll is on") }
      return rebalance?.obey(command) ?? .refused(reason: "there is no worker yet")
    case .broadcast, .kick, .kill:
      return .refused(reason: "\(command.verb.rawValue) is not something this build can do")
    }
  }

  private func upgrade(_ command: ControlCommand?) -> FleetEvent.Answer {
    if rebalance?.isBusy == true { return .refused(reason: "a rebalance is on") }
    if phase != .serving || conductor.isDraining { return .refused(reason: "a drain is on") }
    if rolls?.conductor.isRolling == true || upgrader.isBusy {
      return .refused(reason: Roll.Refusal.alreadyRolling.reason)
    }
    if let command { log.info("upgrade asked for by \(command.issuer)", event: "command") }
    upgrader.onRefused = { [unowned self] reason in
      log.error("no upgrade: \(reason)", event: "upgrade_refused")
      var progress = RollProgress(.upgrade, .stopped, of: ground.slots)
      progress.reason = reason
      registry?.tell(.roll(progress, host: host, command: command?.id))
    }
    upgrader.begin(command: command?.id.text)
    return .done
  }

  private func drain(_ preset: DrainPreset) {
    rolls?.conductor.giveWay("a drain has begun")
    rebalance?.stop("a drain has begun")
    conductor.begin(preset)
  }

  private func phaseBegan(_ phase: Drain.Phase) {
    registry?.renewSoon()
    switch phase {
    case .announced:
      registry?.tell(.drain, "announced: \(board.sockets) sockets, preset \(conductor.preset?.text ?? "-")")
    case .waiting, .pacing, .forcing:
      registry?.tell(.drain, "\(phase.rawValue): \(board.sockets) sockets left")
    case .serving: registry?.tell(.resumed, "drain taken back: \(board.sockets) sockets kept")
    case .stopped: break
    }
  }

  private func drained() {
    var ledger = conductor.ledger
    ledger.close()
    log.info("drain ledger: \(ledger.text)", event: "drain_ledger")
    registry?.tell(.drain, "stopped: \(ledger.text)", details: ["phase": "stopped", "ledger": ledger.text])
    stopEverything(conductor.wasForced ? .forced : .complete)
  }

  // MARK: End

  private func stopEverything(_ how: Order.DrainEnd) {
    if phase == .stopping { return }
    phase = .stopping
    for slot in slots { slot.stop(.stop(how)) }
    finishIfAllStopped()
  }

  private func finishIfAllStopped() {
    guard phase == .stopping, slots.allSatisfy({ $0.phase == .stopped }) else { return }
    SmallFile.remove(place.serverFile)
    let end = { [unowned self] in
      guard let embedded else { return loop.stop() }
      embedded.stop { [unowned self] in loop.stop() }
    }
    guard let registry else { return end() }
    registry.leave(end)
  }

  // MARK: What it says of itself

  private func record() -> HostRecord {
    var record = ground.record(started: started)
    record.state = phase == .starting ? .starting : conductor.isDraining ? .draining : .serving
    record.redis = settings.redis == nil ? .embedded : .external
    record.drain = conductor.progress
    record.roll = rolls?.conductor.progress
    record.guarded = slots.count(where: \.isGuarded)
    return record
  }
}
