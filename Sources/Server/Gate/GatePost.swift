import EventLoop
import FleetState
import Glibc

/// The place of one slot's gate: the process that accepts, the one that is to follow it, and former ones that stay for
/// as long as their clients do.
///
/// In: `start` or `adopt`, `renew`, `replace`, `stop`. Out: sentences for log and timeline, and `onStopped`.
final class GatePost {
  enum News {
    case crashed(String)
    case hung(String)
    case refused(String)
    case told(String)
  }

  var onNews: ((News) -> Void)?
  var onStopped: (() -> Void)?

  private let loop: EventLoop
  private let slot: Int
  private let board: Board
  private let assignment: (_ generation: UInt32) -> GateAssignment
  private let inheritance: [Int32]
  private var generation: UInt32
  private var current: GateProcess?
  private var next: GateProcess?
  private var retired: [GateProcess] = []
  private var backoff = Backoff.crashes
  private var random = SystemRandomNumberGenerator()
  private var isStopping = false
  private var pulse: (generation: UInt32, of: Pulse)?

  /// How often `checkPulse` is to be called.
  static let pulseEvery = Duration.seconds(1)
  private static let stopPatience = Duration.seconds(5)
  private static let steadyAfter = Duration.seconds(60)
  /// Longer than for a worker: the clients of a gate that is ended have to come back.
  private static let patience = Duration.seconds(10)

  init(
    _ loop: EventLoop, slot: Int, board: Board, inheritance: [Int32],
    assignment: @escaping (UInt32) -> GateAssignment
  ) {
    self.loop = loop
    self.slot = slot
    self.board = board
    self.inheritance = inheritance
    self.assignment = assignment
    generation =
      (0..<GateCounters.perSlot).map { board[gate: slot * GateCounters.perSlot + $0].generation }
      .max() ?? 0
  }

  private var processes: [GateProcess] {
    ([current, next].compactMap { $0 } + retired).filter(\.isRunning)
  }

  var isStopped: Bool { isStopping && processes.isEmpty }

  func start() {
    if isStopping { return }
    do throws(SystemError) { current = try spawn() } catch {
      onNews?(.refused("gate \(slot) cannot be started: \(error)"))
      startLater()
    }
  }

  /// Goes on with those that a supervisor before us has left; whoever is not among them stands still.
  func adopt(_ gates: [Adoption.Gate]) {
    endStill(but: Set(gates.map(\.registration.pid)))
    for gate in gates {
      guard let process = try? GateProcess(loop, adopting: gate) else { continue }
      connect(process)
      if gate.registration.isRetired || current != nil {
        process.send(.retire)
        retired.append(process)
      } else {
        current = process
      }
    }
    if current == nil { start() }
  }

  func renew(_ files: CertificateFiles) {
    current?.send(.renew(files))
    next?.send(.renew(files))
  }

  /// Another process of the program as it is now accepts; this one stays until its last client has gone.
  func replace() {
    if isStopping || next != nil { return }
    do throws(SystemError) { next = try spawn() } catch {
      onNews?(.refused("gate \(slot) is not replaced: \(error)"))
    }
  }

  func stop() {
    if isStopping { return }
    isStopping = true
    for process in processes {
      process.send(.stop)
      loop.after(Self.stopPatience) { if process.isRunning { process.signal(SIGKILL) } }
    }
  }

  /// Whether the gate's loop goes round; one that stands still for long is ended.
  func checkPulse() {
    guard let current, !isStopping else { return }
    let beat = board[gate: place(of: current)].beat
    if pulse?.generation != current.generation {
      pulse = (current.generation, Pulse(patience: Self.patience, lookingEvery: Self.pulseEvery))
    }
    guard let stillness = pulse?.of.look(beat, at: loop.now) else { return }
    pulse = nil
    onNews?(.hung("gate \(slot) (pid \(current.pid)) has stood still for \(stillness.words) and is ended"))
    current.signal(SIGKILL)
  }

  // MARK: Processes

  private func spawn() throws(SystemError) -> GateProcess {
    generation &+= 1
    // Its record on the board is the new one's now.
    for old in retired where old.generation % UInt32(GateCounters.perSlot) == place(generation) {
      let open = board[gate: place(of: old)].open
      onNews?(.told("gate \(slot): the oldest former one is ended; \(open) wss clients have to come back"))
      old.isDismissed = true
      old.signal(SIGKILL)
    }
    let process = try GateProcess(loop, assignment: assignment(generation), inheritance: inheritance)
    connect(process)
    return process
  }

  private func connect(_ process: GateProcess) {
    process.onWord = { [weak self, unowned process] in self?.heard($0, from: process) }
    process.onEnd = { [weak self, unowned process] in self?.ended(process, $0) }
  }

  private func heard(_ word: GateWord, from process: GateProcess) {
    switch word {
    case .ready: if process === next { succeed(process) }
    case .refused(let reason): onNews?(.refused("gate \(slot) keeps its certificate: \(reason)"))
    case .registered: break
    }
  }

  private func succeed(_ process: GateProcess) {
    if let current {
      let open = board[gate: place(of: current)].open
      current.send(.retire)
      retired.append(current)
      onNews?(.told("gate \(slot): another process accepts; the former one stays for its \(open) clients"))
    }
    current = process
    next = nil
  }

  private func ended(_ process: GateProcess, _ how: ProcessExit) {
    let open = board[gate: place(of: process)].open
    board[gate: place(of: process)].open = 0
    let wasCurrent = process === current
    if wasCurrent { current = nil }
    if process === next { next = nil }
    let wasRetired = retired.contains { $0 === process }
    retired.removeAll { $0 === process }
    if isStopping { return processes.isEmpty ? onStopped?() ?? () : () }
    // Of one that a supervisor before us has started nobody learns how it ended.
    if how != .code(0) && !(wasRetired && open == 0) && !process.isDismissed {
      board.host.gateCrashes &+= 1
      onNews?(
        .crashed("gate \(slot) (pid \(process.pid)) ended: \(how); \(open) wss clients have to come back"))
    }
    if !wasCurrent { return }
    if loop.now.duration(since: process.startedAt) > Self.steadyAfter { backoff.reset() }
    if let next {
      current = next
      self.next = nil
    } else {
      startLater()
    }
  }

  private func startLater() {
    loop.after(backoff.next(using: &random)) { [weak self] in
      if let self, current == nil { start() }
    }
  }

  private func endStill(but known: Set<Int32>) {
    for gate in board.livingGates(of: slot) where !known.contains(gate.pid) {
      let open = board[gate: gate.place].open
      board[gate: gate.place].open = 0
      _ = kill(gate.pid, SIGKILL)
      onNews?(.hung("gate \(slot) (pid \(gate.pid)) did not come; \(open) wss clients have to come back"))
    }
  }

  private func place(of process: GateProcess) -> Int {
    GateCounters.place(slot: slot, generation: process.generation)
  }

  private func place(_ generation: UInt32) -> UInt32 { generation % UInt32(GateCounters.perSlot) }
}
