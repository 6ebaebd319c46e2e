import EventLoop
import FleetState

/// Evens out the sockets of a host's workers, one move after the other, each planned anew from what they have by then.
///
/// In: an operator's command, what workers report, that one was lost. Out: events, the end among them once.
/// A worker that dies in the middle costs its move, not the rebalance: it goes on when the slot is served and guarded.
final class RebalanceDesk {
  /// For the timeline: each move, and the end.
  var onEvent: ((FleetEvent) -> Void)?

  private struct Step {
    let move: RebalancePlan.Move
    /// What the taker had when it began.
    let taken: Int
  }

  private let loop: EventLoop
  private let board: Board
  private let slots: [WorkerSlot]
  private let host: Name
  private let log: Log
  private var command: Name?
  private var step: Step?
  private var sum = Handover(sockets: 0, freezeMicros: 0)
  private var partakers: Set<Int> = []
  /// Those whose sockets cannot be moved, as far as they have too many still.
  private var stuck: Set<Int> = []
  private var steps = 0
  private var waitingSince: Moment?

  private static let readyPatience = Duration.seconds(15)
  private static let stepPatience = Duration.seconds(30)
  private static let pause = Duration.milliseconds(50)

  init(_ loop: EventLoop, board: Board, slots: [WorkerSlot], host: Name, log: Log) {
    self.loop = loop
    self.board = board
    self.slots = slots
    self.host = host
    self.log = log
  }

  var isBusy: Bool { command != nil }

  func obey(_ command: ControlCommand) -> FleetEvent.Answer {
    if isBusy { return .refused(reason: "a rebalance is under way") }
    if slots.count < 2 { return .refused(reason: "one worker has nobody to share with") }
    log.info("rebalance asked for by \(command.issuer)", event: "command")
    self.command = command.id
    step = nil
    sum = Handover(sockets: 0, freezeMicros: 0)
    partakers = []
    stuck = []
    steps = 0
    waitingSince = nil
    loop.next { [unowned self] in proceed() }
    return .done
  }

  /// The host has something more important to do.
  func stop(_ reason: String) { if isBusy { fail(reason) } }

  // MARK: Steps

  private func proceed() {
    guard isBusy, step == nil else { return }
    if let obstacle { return wait(for: obstacle) }
    waitingSince = nil
    let open = slots.map { Int(clamping: board[$0.number].sockets) }
    guard let move = RebalancePlan(open: open, fixed: stuck).moves.first, steps < 8 * slots.count else {
      return finish()
    }
    steps += 1
    let step = Step(move: move, taken: open[move.to])
    self.step = step
    let isBegun = (try? slots[move.from].give(move.count, to: slots[move.to])) ?? false
    if !isBegun { return stepEnded() }
    let number = steps
    loop.after(Self.stepPatience) { [weak self] in
      if self?.steps == number && self?.step != nil { self?.stepEnded() }
    }
  }

  /// Why no socket is to be moved just now.
  private var obstacle: String? {
    for slot in slots {
      if slot.phase != .serving { return "worker \(slot.number) is not serving" }
      if !slot.isGuarded { return "worker \(slot.number) has no standby" }
      if board[slot.number].isFollowing == 0 { return "worker \(slot.number) does not follow the bus" }
    }
    return nil
  }

  private func wait(for obstacle: String) {
    let since = waitingSince ?? loop.now
    waitingSince = since
    if loop.now.duration(since: since) > Self.readyPatience { return fail(obstacle) }
    loop.after(Self.pause) { [weak self] in self?.proceed() }
  }

  func gave(_ slot: Int, _ gift: Gift) {
    guard let step, step.move.from == slot, step.move.to == gift.to else { return }
    if gift.isAll { stuck.insert(slot) }
    note(step.move, Handover(sockets: gift.sockets, freezeMicros: gift.micros))
    stepEnded()
  }

  /// A worker has died: what it had given by then is what the other has more.
  func workerLost(_ slot: Int) {
    guard let step, step.move.from == slot else { return }
    let more = Int(clamping: board[step.move.to].sockets) - step.taken
    note(step.move, Handover(sockets: min(more, step.move.count), freezeMicros: 0))
    stepEnded()
  }

  private func note(_ move: RebalancePlan.Move, _ handover: Handover) {
    if handover.sockets == 0 { return }
    sum.sockets += handover.sockets
    sum.freezeMicros = max(sum.freezeMicros, handover.freezeMicros)
    partakers.formUnion([move.from, move.to])
    let freeze = Duration.microseconds(handover.freezeMicros).words
    let text = "rebalance: \(handover.sockets) sockets from worker \(move.from) to worker \(move.to)"
    tell(FleetEvent(.handover, host: host, text: "\(text), longest freeze \(freeze)", command: command))
  }

  private func stepEnded() {
    step = nil
    loop.after(Self.pause) { [weak self] in self?.proceed() }
  }

  private func finish() {
    if sum.sockets == 0, let slot = stuck.min() {
      return fail("worker \(slot) has no socket that can be moved")
    }
    end(.rebalanced(sum, workers: partakers.count, host: host, command: command))
  }

  private func fail(_ reason: String) { end(.rebalanceFailed(reason, host: host, command: command)) }

  private func end(_ event: FleetEvent) {
    command = nil
    step = nil
    tell(event)
  }

  private func tell(_ event: FleetEvent) {
    log.info(event.text, event: event.kind.rawValue)
    onEvent?(event)
  }
}
