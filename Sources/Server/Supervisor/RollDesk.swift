import EventLoop
import FleetState

/// Takes operators' orders for rolls: knows the settings the workers have, and those they are to have.
final class RollDesk {
  let conductor: RollConductor
  /// A step was taken: for the timeline.
  var onStep: ((RollProgress, Name?) -> Void)?
  var onReload: ((ServerSettings) -> Void)?
  var isRedisUp: () -> Bool = { true }
  /// Sockets pass between the workers just now.
  var isRebalancing: () -> Bool = { false }

  /// Those the server runs with now.
  private(set) var settings: ServerSettings
  private let board: Board
  private let reread: () throws(StartError) -> ServerSettings
  private let log: Log
  /// What the workers' settings are, as flags.
  private var arguments: [String]
  /// Those a reload is taking the workers to.
  private var settingsToCome: ServerSettings?

  init(
    _ conductor: RollConductor, board: Board, settings: ServerSettings,
    reread: @escaping () throws(StartError) -> ServerSettings, log: Log
  ) {
    self.conductor = conductor
    self.board = board
    self.settings = settings
    self.reread = reread
    self.log = log
    arguments = settings.arguments
    conductor.onStep = { [unowned self] in tell($0, $1) }
    conductor.onSettled = { [unowned self] in settle($0) }
    conductor.onTakenBack = { [unowned self] in takenBack() }
    conductor.ailment = { [unowned self] in ailment(of: $0) }
  }

  func obey(_ command: ControlCommand) -> FleetEvent.Answer {
    switch command.verb {
    case .roll: roll(.roll, to: arguments, command)
    case .reload: reload(command: command)
    case .pause: steer { () throws(Roll.Refusal) in try conductor.pause(by: command.issuer) }
    case .proceed: steer { () throws(Roll.Refusal) in try conductor.proceed() }
    case .takeback: steer { () throws(Roll.Refusal) in try conductor.takeBack() }
    case .drain, .undrain, .upgrade, .rebalance, .audit, .broadcast, .kick, .kill:
      .refused(reason: "\(command.verb.word) is no order for a roll")
    }
  }

  /// What the workers can be given without a new start is read anew; the rest has to be as it was.
  func reload(command: ControlCommand?) -> FleetEvent.Answer {
    let new: ServerSettings
    do throws(StartError) { new = try reread() } catch { return .refused(reason: error.text) }
    if let name = new.firstFixedDifference(from: settings) {
      return .refused(reason: "\(name) cannot change while the server runs")
    }
    let answer = roll(.reload, to: new.arguments, command)
    if case .done = answer {
      settingsToCome = new
      onReload?(new)
    }
    return answer
  }

  /// The supervisor is another program now: its workers follow.
  func upgrade(command: Name?) {
    let course = RollConductor.Course(kind: .upgrade, arguments: arguments, former: arguments)
    if case .refused(let reason) = steer({ () throws(Roll.Refusal) in
      try conductor.begin(
        course, slots: Array(0..<board.slotCount), sockets: Int(clamping: board.sockets), command: command)
    }) {
      log.error("no upgrade: \(reason)", event: "upgrade_refused")
    }
  }

  private func roll(
    _ kind: RollKind, to new: [String], _ command: ControlCommand?
  ) -> FleetEvent.Answer {
    if isRebalancing() { return .refused(reason: "a rebalance is on") }
    var wanted = Array(0..<board.slotCount)
    if case .worker(_, let slot)? = command?.target {
      guard wanted.contains(slot) else { return .refused(reason: "there is no worker \(slot)") }
      wanted = [slot]
    }
    let course = RollConductor.Course(kind: kind, arguments: new, former: arguments)
    let sockets = wanted.reduce(0) { $0 + Int(clamping: board[$1].sockets) }
    if let command { log.info("\(kind.rawValue) asked for by \(command.issuer)", event: "command") }
    return steer { () throws(Roll.Refusal) in
      try conductor.begin(course, slots: wanted, sockets: sockets, command: command?.id)
    }
  }

  private func settle(_ arguments: [String]) {
    self.arguments = arguments
    if let settingsToCome, settingsToCome.arguments == arguments { settings = settingsToCome }
    settingsToCome = nil
  }

  /// Who was told of the settings to come goes back as well.
  private func takenBack() {
    settingsToCome = nil
    onReload?(settings)
  }

  private func steer(_ body: () throws(Roll.Refusal) -> Void) -> FleetEvent.Answer {
    do throws(Roll.Refusal) {
      try body()
      return .done
    } catch {
      return .refused(reason: error.reason)
    }
  }

  private func tell(_ progress: RollProgress, _ command: Name?) {
    log.info("\(progress.kind.rawValue): \(progress.sentence)", event: "roll_\(progress.phase.rawValue)")
    onStep?(progress, command)
  }

  private func ailment(of slot: Int) -> String? {
    if board[slot].state != .serving { return nil }
    return board[slot].isFollowing == 0 && isRedisUp() ? "it does not follow the bus" : nil
  }
}
