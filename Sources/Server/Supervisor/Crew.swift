import EventLoop
import FleetState
import RedisClient

/// The host's worker slots together: starts them or goes on with those that are left, shares orders out, and lets the
/// others take the connections of one that is lost.
///
/// In: orders, and what each slot says of itself. Out: who is ready, what was said, who took over from whom.
final class Crew {
  private(set) var slots: [WorkerSlot] = []
  /// Every slot is served.
  var onReady: (() -> Void)?
  var onWord: ((Word, _ slot: Int) -> Void)?
  /// A worker ended without being told to.
  var onCrash: ((_ slot: Int) -> Void)?
  var onSuccession: ((_ slot: Int, Succession) -> Void)?
  var onGuarded: (() -> Void)?
  var onStopped: (() -> Void)?
  /// What a process that serves has to hear first.
  var firstOrders: (() -> [Order])?

  private let loop: EventLoop
  private let ground: Ground
  private let registry: Registry
  private let log: Log
  private var board: Board { ground.board }

  private static let pulseEvery = Duration.milliseconds(250)

  init(_ loop: EventLoop, _ ground: Ground, _ registry: Registry, log: Log) {
    self.loop = loop
    self.ground = ground
    self.registry = registry
    self.log = log
  }

  /// `arguments`: the settings of a worker. `assignment`: what one is told of its place.
  func start(
    _ arguments: [String], assignment: @escaping (Int, UInt32, Assignment.Role, [String]) -> Assignment
  ) throws(SystemError) {
    slots = (0..<ground.slots).map { number in
      let slotGround = SlotGround(
        loop, board: board.pages.number, listeners: ground.listeners.numbers.flatMap { $0 },
        streams: ground.streams)
      slotGround.assignment = { assignment(number, $0, $1, $2) }
      let slot = WorkerSlot(loop, number: number, on: slotGround, arguments: arguments)
      connect(slot)
      return slot
    }
    for slot in slots { try begin(slot) }
    _ = loop.every(Self.pulseEvery) { [unowned self] in checkPulses() }
  }

  private func connect(_ slot: WorkerSlot) {
    let number = slot.number
    slot.firstOrders = { [unowned self] in firstOrders?() ?? [] }
    slot.onReady = { [unowned self] in ready(number) }
    slot.onWord = { [unowned self] in onWord?($0, number) }
    slot.onCrash = { [unowned self] in crashed(number, $0, $1, $2) }
    slot.onGuarded = { [unowned self] in onGuarded?() }
    slot.onSuccession = { [unowned self] in succeeded(number, $0) }
    slot.onStopped = { [unowned self] in if isStopped { onStopped?() } }
  }

  private func begin(_ slot: WorkerSlot) throws(SystemError) {
    if ground.orphans.isEmpty { return try slot.start() }
    let own = ground.orphans.filter { $0.registration.assignment.slot == slot.number }
    // A worker that serves and has not come stands still.
    if !own.contains(where: \.registration.isServing) { slot.end(stillWorker: board[slot.number].pid) }
    try slot.adopt(own, lastGeneration: board[slot.number].generation)
  }

  var isStopped: Bool { slots.allSatisfy { $0.phase == .stopped } }
  /// How many slots have their standby.
  var guarded: Int { slots.count(where: \.isGuarded) }
  var isDraining: Bool { slots.contains { board[$0.number].state == .draining } }

  // MARK: Orders

  func order(_ order: Order) {
    guard case .close(let count, let ending) = order, count != .max else {
      for slot in slots { slot.sendAll(order) }
      return
    }
    // Each worker gets its share of what is open; the remainder goes to the first that have enough.
    let shares = Shares.split(count, over: slots.map { Int(clamping: board[$0.number].sockets) })
    for (slot, share) in zip(slots, shares) where share > 0 { slot.send(.close(count: share, ending)) }
  }

  func stop(_ how: Order.DrainEnd) { for slot in slots { slot.stop(.stop(how)) } }

  // MARK: What becomes of them

  private func ready(_ number: Int) {
    for slot in slots where slot.number != number { slot.send(.uncover(slot: number)) }
    if slots.allSatisfy({ $0.phase == .serving }) { onReady?() }
  }

  /// `pause`: nobody had kept its sockets, and the next worker starts after it.
  private func crashed(_ number: Int, _ pid: Int32, _ how: ProcessExit, _ pause: Duration?) {
    board.host.crashes += 1
    onCrash?(number)
    let next = pause.map { "the next one starts in \($0)" } ?? "its standby takes over"
    let text = "worker \(number) (pid \(pid)) ended: \(how); \(next)"
    log.error(text, event: "worker_crash")
    registry.tell(.crashed, text, slot: number)
    if pause == nil { return }
    board.settleCrash(of: number)
    registry.forget(worker: number)
    // The kernel goes on handing connections to its sockets: the others take them meanwhile.
    for slot in slots where slot.number != number { slot.send(.cover(slot: number)) }
  }

  private func succeeded(_ number: Int, _ succession: Succession) {
    board.host.restarts += 1
    board.host.handedOver &+= UInt64(clamping: succession.sockets)
    board.host.lastTakeoverMicroseconds = UInt64(clamping: succession.micros)
    onSuccession?(number, succession)
    // Of a planned one the roll's own step tells.
    if succession.isPlanned { return }
    let text = "worker \(number): \(succession.sentence)"
    log.info(text, event: "worker_succession")
    registry.tell(.handover, text, slot: number)
  }

  private func checkPulses() {
    board.host.guarded = guarded
    for slot in slots {
      guard let stillness = slot.checkPulse() else { continue }
      let text =
        "worker \(slot.number) (pid \(slot.pid ?? 0)) has stood still for \(stillness.words) and is ended"
      log.error(text, event: "worker_hung")
      registry.tell(.hung, text, slot: slot.number)
    }
  }
}
