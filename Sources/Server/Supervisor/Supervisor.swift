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
  private let host: Name
  private let conductor: DrainConductor
  private let reread: () throws(StartError) -> ServerSettings
  private let arguments: [String]
  private var crew: Crew?
  private var desk: CommandDesk?
  private var gates: Gates?
  private let guardian: GuardianWatch
  private var embedded: EmbeddedRedis?
  private var registry: Registry?
  private var signals: Signals?
  private var phase = Phase.starting
  private var failure: StartError?
  private let started = WallClock.unixMilliseconds
  private let lock: StateLock?
  private let ground: Ground

  private static let untilItLeads = Duration.milliseconds(20)

  /// `arguments`: the server's own, for the program that may follow this one.
  init(
    _ settings: ServerSettings, mode: SupervisorMode, arguments: [String], log: Log,
    reread: @escaping () throws(StartError) -> ServerSettings
  ) throws(StartError) {
    self.settings = settings
    self.mode = mode
    self.reread = reread
    self.arguments = arguments
    self.log = log
    Machine.nameProcess("wsserver/lead")
    place = try StatePlace(for: settings)
    do throws(SystemError) { loop = try EventLoop() } catch { throw .unreachable("no event loop: \(error)") }
    ground = try Ground.lay(loop, settings, mode: mode, place: place, log: log)
    board = ground.board
    host = ground.host
    lock = settings.redis == nil ? try StateLock(place.state) : nil
    conductor = DrainConductor(loop, board: board, log: log)
    guardian = GuardianWatch(loop, server: mode.server, arguments: arguments)
  }

  /// Returns when everything has ended.
  func run() throws(StartError) {
    do throws(SystemError) {
      signals = try Signals(loop, [SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2]) { [unowned self] in
        signal($0)
      }
      // From inside the loop, because a start that fails stops it.
      loop.next { [unowned self] in
        startRedis()
        watchGuardian()
      }
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
    registry.onFirstContact = { [unowned self, unowned registry] in
      if crew == nil { startWorkers(endpoint, registry) }
      if phase == .serving { registry.tell(.started, "ready, Redis has come") }
      follow()
    }
    registry.onAbsent = { [unowned self, unowned registry] reason in
      // Those who serve already need a leader all the same.
      if crew != nil { return follow() }
      if settings.redisPatience != nil { return }
      log.warning("no Redis at \(endpoint): \(reason); serving without it", event: "redis_absent")
      startWorkers(endpoint, registry)
    }
    registry.patience = settings.redisPatience
    registry.onHopeless = { [unowned self] reason in
      // Those who serve already can wait for it.
      if crew != nil { return }
      let help = "start it, leave --redis out and one is started for you, or --redis-patience none"
      fail(.unreachable("cannot reach Redis at \(endpoint): \(reason); \(help)"))
    }
    registry.onHealth = { [unowned self] in if phase != .stopping { log.redis($0, registry.lastError) } }
    registry.onSurvivors = { [unowned self] in conductor.hear($0) }
    registry.start()
    self.registry = registry
    if !ground.orphans.isEmpty { startWorkers(endpoint, registry) }
  }

  private func startWorkers(_ endpoint: RedisEndpoint, _ registry: Registry) {
    let crew = Crew(loop, ground, registry, log: log)
    self.crew = crew
    crew.firstOrders = { [conductor] in conductor.ordersForNewcomer }
    crew.onReady = { [unowned self] in ready() }
    crew.onGuarded = { [registry] in registry.renewSoon() }
    crew.onStopped = { [unowned self] in finishIfAllStopped() }
    let control = (try? place.controlSocket(of: mode.server)) ?? ""
    do throws(SystemError) {
      try crew.start(settings.arguments) { [ground, place] slot, generation, role, arguments in
        Assignment(
          role: role, streams: ground.streams, slot: slot, generation: generation, slots: ground.slots,
          host: ground.host.text, state: place.state, redis: endpoint.url,
          addresses: ground.listeners.count, pass: ground.gateway?.pass, listensPublicly: ground.isPublic,
          controlPath: control, arguments: arguments)
      }
    } catch {
      fail(.unreachable("cannot start a worker: \(error)"))
    }
    let upgrader = Upgrader(
      loop, layout: SlotPages.own, arguments: arguments, server: mode.server)
    desk = CommandDesk(
      loop, ground, crew, registry, conductor, upgrader, settings: settings, reread: reread, log: log)
    startGates(registry, control)
    conductor.onOrder = { [crew] in crew.order($0) }
    conductor.onPhase = { [unowned self] in phaseBegan($0) }
    conductor.onRemark = { [registry] in registry.tell(.drain, $0) }
    conductor.onEnd = { [unowned self] in drained() }
  }

  private func startGates(_ registry: Registry, _ controlPath: String) {
    guard let gateway = ground.gateway, let files = settings.certificate else { return }
    let gates = Gates(
      loop, gateway, board: board, files: files, settings: settings, controlPath: controlPath)
    gates.onNews = { [log, registry] in $0.tell(slot: $1, registry, log) }
    gates.onStopped = { [unowned self] in finishIfAllStopped() }
    desk?.onReload = { [gates] in if let files = $0.certificate { gates.renew(files) } }
    gates.start()
    self.gates = gates
  }

  /// After a supervisor that died, or became this program: what it was about goes on.
  private func follow() {
    if ground.orphans.isEmpty || phase != .starting { return }
    phase = .serving
    announce()
    if crew?.isDraining == true {
      desk?.drain(nil)
    } else if mode.kind == .upgraded {
      gates?.replace()
      desk?.rollAfterUpgrade(command: mode.command)
    }
  }

  private func ready() {
    if phase != .starting { return }
    phase = .serving
    announce()
  }

  private func announce() {
    // First of all: whoever is told that it serves may look for it at once.
    ServerFile(
      namespace: settings.namespace, host: host, pid: Machine.pid, redis: registry?.endpoint.url ?? "",
      listen: ground.addresses, build: Build.version, started: started
    ).publish(in: place, log)
    registry?.renew()
    let addresses = ground.addresses.joined(separator: " ")
    let workers = counted(ground.slots, "worker")
    log.info("listening on \(addresses), \(workers), host \(host)", event: "ready")
    ServiceManager.tell("READY=1", "STATUS=serving")
    if ground.isPublic && settings.adminToken == nil {
      log.warning(
        "listening publicly without admin_token: routes that change things answer 403",
        event: "no_admin_token")
    }
    for remark in settings.remarks { log.warning(remark, event: "setting") }
    registry?.tell(.started, beginning(workers))
  }

  /// Who leads workers that were there before says so: this is no start.
  private func beginning(_ workers: String) -> String {
    if ground.orphans.isEmpty { return "ready, \(workers)" }
    let leads = "leads \(workers) that serve on"
    return mode.kind == .upgraded
      ? "the new program \(leads)" : "the supervisor was gone: the next one \(leads)"
  }

  private func fail(_ error: StartError) {
    if failure == nil { failure = error }
    stopEverything(.forced)
  }

  private func watchGuardian() {
    guardian.isBusy = { [unowned self] in phase != .serving || desk?.isBusy != false }
    guardian.onGone = { [unowned self] in
      // Nobody would be missed yet.
      if isFirst { return fail(.unreachable("the process that was started is gone before it could serve")) }
      let text = "the guardian is gone: its supervisor (pid \(Machine.pid)) takes its place"
      log.error(text, event: "guardian_gone")
      registry?.tell(.crashed, text)
      guardian.takeItsPlace()
    }
    guardian.begin()
  }

  /// Nobody serves before it has started them.
  private var isFirst: Bool { phase == .starting && ground.orphans.isEmpty }

  // MARK: Orders

  private func signal(_ number: Int32) {
    switch number {
    case SIGTERM, SIGINT:
      if isFirst || phase == .stopping { return stopEverything(.forced) }
      if phase == .starting { return drainOnceItLeads() }
      if conductor.isDraining { conductor.force() } else { desk?.drain(nil) }
    case SIGHUP: desk?.reload()
    case SIGUSR2: if phase == .serving { desk?.upgrade() }
    default: log.info("signal \(number) has no meaning here yet", event: "signal")
    }
  }

  /// Those who serve are to end with it. The one before it may have been told as well: that forces nothing.
  private func drainOnceItLeads() {
    loop.after(Self.untilItLeads) { [unowned self] in
      if phase == .starting { return drainOnceItLeads() }
      if phase == .serving, !conductor.isDraining { desk?.drain(nil) }
    }
  }

  private func obey(_ command: ControlCommand) -> FleetEvent.Answer {
    guard phase == .serving, let desk else { return .refused(reason: "the server is not serving") }
    return desk.obey(command)
  }

  private func phaseBegan(_ phase: Drain.Phase) {
    registry?.renewSoon()
    let sockets = counted(Int(clamping: board.sockets), "socket")
    // No STOPPING=1: a drain may be longer than what systemd grants a stop, and it may be taken back.
    ServiceManager.tell("STATUS=\(phase.rawValue), \(sockets)")
    switch phase {
    case .announced:
      registry?.tell(.drain, "announced: \(sockets), preset \(conductor.preset?.text ?? "-")")
    case .waiting, .pacing, .forcing: registry?.tell(.drain, "\(phase.rawValue): \(sockets) left")
    case .serving: registry?.tell(.resumed, "drain taken back: \(sockets) kept")
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
    crew?.stop(how)
    finishIfAllStopped()
  }

  private func finishIfAllStopped() {
    guard phase == .stopping, crew?.isStopped != false else { return }
    // What workers have said last is still on its way through them.
    if let gates, !gates.isStopped { return gates.stop() }
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
    record.roll = desk?.roll
    record.guarded = crew?.guarded ?? 0
    return record
  }
}
