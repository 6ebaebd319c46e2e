import EventLoop
import FleetState

/// What operators can have a host do: drain, roll, reload, upgrade, audit, rebalance; and which of them keeps which from
/// beginning.
///
/// In: commands from Redis, and the same by signals. Out: an answer to each; the doing is the other desks'.
final class CommandDesk {
  let conductor: DrainConductor
  /// Settings were read anew, and are good.
  var onReload: ((ServerSettings) -> Void)?
  private let rolls: RollDesk
  private let auditDesk: AuditDesk
  private let rebalance: RebalanceDesk
  private let upgrader: Upgrader
  private let crew: Crew
  private let registry: Registry
  private let host: Name
  private let log: Log

  init(
    _ loop: EventLoop, _ ground: Ground, _ crew: Crew, _ registry: Registry, _ conductor: DrainConductor,
    _ upgrader: Upgrader, settings: ServerSettings,
    reread: @escaping () throws(StartError) -> ServerSettings, log: Log
  ) {
    self.conductor = conductor
    self.upgrader = upgrader
    self.crew = crew
    self.registry = registry
    self.log = log
    host = ground.host
    rolls = RollDesk(
      RollConductor(loop, crew.slots), board: ground.board, settings: settings, reread: reread, log: log)
    auditDesk = AuditDesk(loop, board: ground.board, listeners: ground.listeners)
    rebalance = RebalanceDesk(loop, board: ground.board, slots: crew.slots, host: host, log: log)
    connect()
  }

  private func connect() {
    rolls.onStep = { [registry, host] progress, command in
      registry.tell(.roll(progress, host: host, command: command))
      registry.renewSoon()
    }
    rolls.onReload = { [unowned self] in onReload?($0) }
    rolls.isRebalancing = { [rebalance] in rebalance.isBusy }
    rolls.isRedisUp = { [registry] in registry.health == .up }
    auditDesk.ask = { [crew] isFixing in
      for slot in crew.slots { slot.sendPair(.audit(fixing: isFixing)) }
    }
    auditDesk.registered = { [registry] in registry.sockets(ofWorker: $0, $1) }
    auditDesk.onReport = { [registry, host] in registry.tell(.audited($0, host: host, command: $1)) }
    rebalance.onEvent = { [registry] in registry.tell($0) }
    crew.onWord = { [unowned self] in heard($0, from: $1) }
    crew.onCrash = { [rolls, rebalance] in
      rolls.conductor.workerLost($0)
      rebalance.workerLost($0)
    }
    crew.onSuccession = { [rolls] in rolls.conductor.tookOver($0, $1) }
  }

  var roll: RollProgress? { rolls.conductor.progress }

  /// Something was begun that the next supervisor could not end.
  var isBusy: Bool {
    conductor.isDraining || rolls.conductor.isRolling || upgrader.isBusy || rebalance.isBusy
  }

  private func heard(_ word: Word, from number: Int) {
    switch word {
    case .ready, .draining, .kept, .prepared, .serving, .unchanged, .registered: return
    case .audited(let word): auditDesk.heard(number, word)
    case .gave(let gift): rebalance.gave(number, gift)
    case .told(let told):
      if let asker = crew.slots.first(where: { $0.number == told.slot }) { asker.send(.told(told)) }
    }
  }

  func obey(_ command: ControlCommand) -> FleetEvent.Answer {
    switch command.verb {
    case .drain:
      if conductor.phase == .forcing || conductor.phase == .stopped {
        return .refused(reason: "it is ending already")
      }
      log.info("drain asked for by \(command.issuer)", event: "command")
      drain(command.preset)
      return .done
    case .undrain:
      if !conductor.isDraining { return .refused(reason: "there is no drain to take back") }
      log.info("undrain asked for by \(command.issuer)", event: "command")
      return conductor.undrain() ? .done : .refused(reason: "too late: the rest are being closed")
    case .roll, .reload, .pause, .proceed, .takeback:
      if conductor.isDraining { return .refused(reason: "a drain is on") }
      return rolls.obey(command)
    case .upgrade: return upgrade(command)
    case .audit: return auditDesk.begin(command) ? .done : .refused(reason: "an audit is under way")
    case .rebalance:
      if conductor.isDraining { return .refused(reason: "a drain is on") }
      if rolls.conductor.isRolling || upgrader.isBusy { return .refused(reason: "a roll is on") }
      return rebalance.obey(command)
    case .broadcast, .kick, .kill:
      return .refused(reason: "\(command.verb.word) is not something this build can do")
    }
  }

  /// Nil: as the settings of the last reload have it.
  func drain(_ preset: DrainPreset?) {
    rolls.conductor.giveWay("a drain has begun")
    rebalance.stop("a drain has begun")
    conductor.begin(preset ?? rolls.settings.drainPlan)
  }

  func reload() {
    if conductor.isDraining { return }
    if case .refused(let reason) = rolls.reload(command: nil) {
      log.error("nothing is reloaded: \(reason)", event: "reload_refused")
    }
  }

  func upgrade() {
    if case .refused(let reason) = upgrade(nil) {
      log.error("no upgrade: \(reason)", event: "upgrade_refused")
    }
  }

  /// This program follows another one: the workers are to be replaced by its own.
  func rollAfterUpgrade(command: String?) { rolls.upgrade(command: command.flatMap { Name($0) }) }

  private func upgrade(_ command: ControlCommand?) -> FleetEvent.Answer {
    if rebalance.isBusy { return .refused(reason: "a rebalance is on") }
    if conductor.isDraining { return .refused(reason: "a drain is on") }
    if rolls.conductor.isRolling || upgrader.isBusy {
      return .refused(reason: Roll.Refusal.alreadyRolling.reason)
    }
    if let command { log.info("upgrade asked for by \(command.issuer)", event: "command") }
    upgrader.onRefused = { [log, registry, host, crew] reason in
      log.error("no upgrade: \(reason)", event: "upgrade_refused")
      var progress = RollProgress(.upgrade, .stopped, of: crew.slots.count)
      progress.reason = reason
      registry.tell(.roll(progress, host: host, command: command?.id))
    }
    upgrader.begin(command: command?.id.text)
    return .done
  }
}
