import EventLoop
import FleetState

/// Leads the host through a drain: asks the state machine what to do, tells the workers, keeps the ledger.
///
/// In: begin, force, take back, the board's counts, and how the other hosts are. Out: orders for the workers,
/// sentences for the log, `onEnd` when nobody is left or time is over. The only drain of a host is here.
final class DrainConductor {
  var onOrder: ((Order) -> Void)?
  /// A phase began: for the timeline.
  var onPhase: ((Drain.Phase) -> Void)?
  /// The pace was lowered, or is even again: for the timeline.
  var onRemark: ((String) -> Void)?
  var onEnd: (() -> Void)?

  private(set) var preset: DrainPreset?
  private(set) var number: UInt32 = 0
  /// The rest were closed at once, by a second signal or because time was over.
  private(set) var wasForced = false

  private let loop: EventLoop
  private let board: Board
  private let log: Log
  private let birth: Moment
  private var drain = Drain(turn: DrainConductor.turn)
  private var ticking: (() -> Void)?
  private var beganAt = Moment(nanoseconds: 0)
  private var spokeAt = Moment(nanoseconds: 0)
  /// Who is worst off of those that take our clients; nil if there is nobody.
  private var weakest: Survivor?
  private var heardAt = Moment(nanoseconds: 0)
  private var remarks = PaceRemarks()

  private static let turn = Duration.milliseconds(50)
  private static let sentencesEvery = Duration.seconds(5)
  private static let hearsay = Lease().length

  init(_ loop: EventLoop, board: Board, log: Log) {
    self.loop = loop
    self.board = board
    self.log = log
    birth = loop.now
    // A supervisor before us may have had one, and what is left of it begins anew.
    board.host.drainDeadline = 0
  }

  var phase: Drain.Phase { drain.phase }
  var isDraining: Bool { phase != .serving }

  /// The host's ledger: the slots' shares as one.
  var ledger: Ledger { board.drain.ledger }

  var progress: DrainProgress? {
    guard isDraining else { return nil }
    var progress = drain.progress(at: clock, open: open, preset: preset, ledger: ledger)
    // What the workers counted when they heard of it; until then, what the board said.
    if progress.ledger.start > 0 { progress.total = progress.ledger.start }
    return progress
  }

  /// Orders for a worker that joins in the middle of it.
  var ordersForNewcomer: [Order] {
    guard isDraining, let preset else { return [] }
    return [.drain(number: number, timeoutSeconds: Self.seconds(preset.plan.total))]
  }

  // MARK: Orders

  func begin(_ preset: DrainPreset) {
    let isNew = !isDraining
    let effect = drain.begin(preset.plan, at: clock, open: open)
    self.preset = preset
    board.host.drainDeadline = UInt64(
      clamping: WallClock.unixMilliseconds / 1000 + drain.remaining(at: clock).components.seconds)
    guard isNew else { return }
    number += 1
    remarks = PaceRemarks()
    beganAt = loop.now
    spokeAt = loop.now
    act(on: effect)
    ticking = loop.every(Self.turn) { [weak self] in self?.tick() }
    loop.next { [weak self] in self?.tick() }
  }

  func force() { act(on: drain.force(at: clock)) }

  /// False when it is too late.
  func undrain() -> Bool {
    guard let effect = drain.undrain() else { return false }
    act(on: effect)
    ticking?()
    ticking = nil
    preset = nil
    board.host.drainDeadline = 0
    return true
  }

  // MARK: The other hosts

  /// Clients come back to any of them, and so the weakest counts.
  func hear(_ survivors: [Survivor]) {
    weakest = survivors.max { $0.strain < $1.strain }
    heardAt = loop.now
  }

  /// What nobody has confirmed for as long as a lease is not known: then the pace is even.
  private var knownWeakest: Survivor? {
    loop.now.duration(since: heardAt) < Self.hearsay ? weakest : nil
  }

  // MARK: Time

  private var clock: Duration { loop.now.duration(since: birth) }
  private var open: Int { Int(clamping: board.sockets) }

  private func tick() {
    noteTime()
    let before = drain.phase
    let weakest = knownWeakest
    act(on: drain.tick(at: clock, open: open, strain: weakest?.strain))
    if drain.phase != before, drain.phase != .stopped { onPhase?(drain.phase) }
    if let rate = drain.rate, let remark = remarks.remark(rate, weakest) {
      log.info(remark, event: "drain_pace")
      onRemark?(remark)
    }
    if isDraining, drain.phase != .stopped, loop.now.duration(since: spokeAt) >= Self.sentencesEvery {
      spokeAt = spokeAt + Self.sentencesEvery
      onOrder?(.progress(sockets: open, remainingSeconds: Self.seconds(drain.remaining(at: clock))))
    }
  }

  private func act(on effect: Drain.Effect?) {
    switch effect {
    case nil: return
    case .announce:
      let timeout = Self.seconds(preset?.plan.total ?? .zero)
      onOrder?(.drain(number: number, timeoutSeconds: timeout))
      onPhase?(.announced)
    case .close(let count):
      onOrder?(.close(count: count, .paced))
    case .closeRest:
      wasForced = open > 0
      if open > 0 { log.warning(DrainWords.forced(open: open), event: "drain_forced") }
      onOrder?(.close(count: .max, .forced))
    case .resume:
      onOrder?(.resume)
      onPhase?(.serving)
    case .stop:
      end()
    }
  }

  private func end() {
    ticking?()
    ticking = nil
    noteTime()
    onPhase?(.stopped)
    onEnd?()
  }

  /// All the while, for at the end nobody is left to ask for it.
  private func noteTime() {
    board.host.lastDrainMilliseconds = loop.now.nanoseconds(since: beganAt) / 1_000_000
  }

  private static func seconds(_ duration: Duration) -> Int { Int(clamping: duration.components.seconds) }
}
