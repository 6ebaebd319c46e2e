import EventLoop
import FleetState

/// Leads the host's workers through a roll: asks the state machine what to do, lets the slots do it, tells it how that
/// went.
///
/// In: operators' orders, what the slots report. Out: `onStep` for log and timeline. The only roll of a host is here.
final class RollConductor {
  /// The settings a roll takes its workers to, and those they had.
  struct Course {
    var kind: RollKind
    var arguments: [String]
    var former: [String]
  }

  /// A step, or the end, of a roll, and the command it belongs to.
  var onStep: ((RollProgress, Name?) -> Void)?
  /// The workers have these settings now.
  var onSettled: (([String]) -> Void)?
  /// The workers have the settings again that they had before.
  var onTakenBack: (() -> Void)?
  /// Why a worker that serves is not healthy, if it is not.
  var ailment: ((Int) -> String?)?

  private let loop: EventLoop
  private let birth: Moment
  private let slots: [WorkerSlot]
  private var roll = Roll()
  private var course: Course?
  private var command: Name?
  private var ticking: (() -> Void)?
  private var told: (RollPhase, Int?)?

  private static let turn = Duration.milliseconds(20)

  init(_ loop: EventLoop, _ slots: [WorkerSlot]) {
    self.loop = loop
    self.slots = slots
    birth = loop.now
    for slot in slots {
      let number = slot.number
      slot.onSuccessorReady = { [unowned self] in act(roll.successorReady(number, at: clock)) }
      slot.onSuccessorFailed = { [unowned self] in act(roll.successorFailed(number, reason: $0, at: clock)) }
    }
  }

  var isRolling: Bool { roll.isRolling }
  var progress: RollProgress? { roll.progress(at: clock) }

  // MARK: Orders

  func begin(_ course: Course, slots wanted: [Int], sockets: Int, command: Name?) throws(Roll.Refusal) {
    let effects = try roll.begin(
      course.kind, slots: wanted, sockets: sockets, canGoBack: course.kind.canGoBack, at: clock)
    self.course = course
    self.command = command
    told = nil
    ticking = loop.every(Self.turn) { [unowned self] in tick() }
    act(effects)
  }

  func pause(by operator: String) throws(Roll.Refusal) {
    try roll.pause(by: `operator`)
    tell()
  }

  func proceed() throws(Roll.Refusal) { act(try roll.proceed(at: clock)) }

  func takeBack() throws(Roll.Refusal) { act(try roll.takeBack(at: clock)) }

  /// The host has something more important to do.
  func giveWay(_ reason: String) { act(roll.giveWay(reason: reason, at: clock)) }

  // MARK: What happens

  func tookOver(_ slot: Int, _ succession: Succession) {
    act(
      roll.tookOver(
        slot, sockets: succession.sockets, freezeMicros: succession.micros, at: clock))
  }

  func workerLost(_ slot: Int) { act(roll.workerLost(slot, at: clock)) }

  private func tick() {
    act(roll.tick(at: clock))
    for slot in slots where slot.phase == .serving && roll.isRolling {
      if let reason = ailment?(slot.number) {
        act(roll.unhealthy(slot.number, reason: reason, at: clock))
      } else {
        act(roll.healthy(slot.number, at: clock))
      }
    }
  }

  private func act(_ effects: [Roll.Effect]) {
    for effect in effects {
      switch effect {
      case .start(let slot, let way): start(slot, way)
      case .handOver(let slot): slots[slot].handOver()
      case .retire(let slot): slots[slot].settle()
      case .abandon(let slot): slots[slot].abandon()
      case .finish(let outcome): finish(outcome)
      }
    }
    tell()
  }

  private func start(_ slot: Int, _ way: RollWay) {
    guard let course else { return }
    do throws(SystemError) {
      try slots[slot].startSuccessor(way == .forward ? course.arguments : course.former)
    } catch {
      // Not from inside the answer to it.
      loop.next { [unowned self] in
        act(roll.successorFailed(slot, reason: "cannot be started: \(error)", at: clock))
      }
    }
  }

  private func finish(_ outcome: RollOutcome) {
    ticking?()
    ticking = nil
    guard let course else { return }
    switch outcome {
    case .done: onSettled?(course.arguments)
    case .takenBack: onTakenBack?()
    case .stopped: break
    }
  }

  /// Each step once.
  private func tell() {
    guard let progress else { return }
    if let told, told == (progress.phase, progress.slot) { return }
    told = (progress.phase, progress.slot)
    onStep?(progress, command)
  }

  private var clock: Duration { loop.now.duration(since: birth) }
}
