import EventLoop
import FleetState
import Glibc

/// One place for a worker: the process that serves it, the one that stands by, the one that is to follow.
///
/// In: `start`, orders, `stop`, the steps of a roll. Out: what the worker says, and who serves. The slot's pages and
/// its sockets outlive every process but the last: only when worker and standby are gone together it begins anew.
final class WorkerSlot {
  enum Phase: Equatable {
    case empty, starting, serving
    /// The worker is dead, its standby takes over.
    case changing
    /// Nobody is left; the next worker starts after a pause.
    case waiting
    case stopping, stopped
  }

  let number: Int
  private(set) var phase = Phase.empty
  var onWord: ((Word) -> Void)?
  var onReady: (() -> Void)?
  /// It ended without being told to. A pause: nobody has kept its sockets, another one comes after it.
  var onCrash: ((_ pid: Int32, ProcessExit, _ pause: Duration?) -> Void)?
  /// Another process serves now.
  var onSuccession: ((Succession) -> Void)?
  /// The standby has a hold of everything (again).
  var onGuarded: (() -> Void)?
  var onSuccessorReady: (() -> Void)?
  var onSuccessorFailed: ((_ reason: String) -> Void)?
  var onStopped: (() -> Void)?
  /// What a process that serves has to hear first.
  var firstOrders: (() -> [Order])?

  private let loop: EventLoop
  private let ground: SlotGround
  private var arguments: [String]
  private var worker: SlotProcess?
  private var standby: SlotProcess?
  /// Started, and not yet holding everything; then it stands by.
  private var nextStandby: SlotProcess?
  private var successor: SlotProcess?
  /// The successor until it has proved itself, serving or not.
  private var candidate: SlotProcess?
  private let retirement: Retirement
  private var backoff = Backoff.crashes
  private var standbyBackoff = Backoff.crashes
  private var strikes = Strikes()
  /// How often a standby was told to take over.
  private var changes: UInt64 = 0
  private var random = SystemRandomNumberGenerator()
  private var startedAt = Moment(nanoseconds: 0)
  private var pulse = Pulse()

  /// Whoever has served for so long is not in a loop of crashes.
  private static let steadyAfter = Duration.seconds(60)
  private static let takeOverPatience = Duration.seconds(5)

  init(_ loop: EventLoop, number: Int, on ground: SlotGround, arguments: [String]) {
    self.loop = loop
    self.number = number
    self.ground = ground
    retirement = Retirement(loop)
    self.arguments = arguments
  }

  var pid: Int32? { worker.flatMap { $0.isRunning ? $0.pid : nil } }
  /// A dead worker's sockets would be kept.
  var isGuarded: Bool { standby?.keepsAll == true }

  private var processes: [SlotProcess] {
    [worker, standby, nextStandby, successor].compactMap { $0 }.filter(\.isRunning) + retirement.running
  }

  // MARK: Starting

  /// Begins with nobody: the first time, or when nobody is left.
  func start() throws(SystemError) {
    startedAt = loop.now
    phase = .starting
    try ground.lay()
    worker = try spawn(.worker, arguments)
    for order in firstOrders?() ?? [] { worker?.send(order) }
  }

  /// Goes on with the processes that a supervisor before us has left.
  func adopt(_ children: [Adoption.Child], lastGeneration: UInt32) throws(SystemError) {
    if children.isEmpty { return try start() }
    startedAt = loop.now
    try ground.adopt(children, lastGeneration: lastGeneration)
    for child in children {
      let process = hear(try SlotProcess(loop, adopting: child))
      if child.registration.isServing && worker == nil {
        worker = process
        arguments = process.arguments
      } else if standby == nil && child.registration.keepsAll {
        standby = process
      } else {
        retirement.begin(process)
      }
    }
    if worker != nil {
      phase = .serving
      if standby == nil { standByAgain() }
    } else if let standby {
      inherit(standby, .killed, after: 0, .unknown)
    } else {
      beginAnew(0, .unknown)
    }
  }

  /// Of a supervisor before us. The number alone may be a stranger's by now, so the name has to be right, too.
  func end(stillWorker pid: Int32) {
    guard pid > 1, let name = try? SmallFile.read("/proc/\(pid)/comm"), name == "wsserver/w\(number)\n" else {
      return
    }
    _ = kill(pid, SIGKILL)
  }

  private func spawn(_ role: Assignment.Role, _ arguments: [String]) throws(SystemError) -> SlotProcess? {
    try ground.spawn(role, arguments).map { hear($0) }
  }

  private func hear(_ process: SlotProcess) -> SlotProcess {
    process.onWord = { [weak self, unowned process] in self?.heard($0, from: process) }
    process.onEnd = { [weak self, unowned process] in self?.ended(process, $0) }
    return process
  }

  func send(_ order: Order) { worker?.send(order) }

  /// Worker and standby, not those on their way in or out.
  func sendPair(_ order: Order) {
    worker?.send(order)
    standby?.send(order)
  }

  /// To the worker, and to those who may be it in a moment.
  func sendAll(_ order: Order) { for process in processes { process.send(order) } }

  private func heard(_ word: Word, from process: SlotProcess) {
    switch word {
    case .ready:
      guard process === worker, phase == .starting else { return }
      phase = .serving
      onReady?()
      standByAgain()
    case .kept: keepsAll(process)
    case .prepared:
      if process === successor { worker?.send(.handOver(to: process.generation)) }
    case .serving(let succession): serves(process, succession)
    case .unchanged(let reason): if process === worker { onSuccessorFailed?(reason) }
    case .draining, .told, .registered, .audited, .gave: onWord?(word)
    }
  }

  // MARK: Standing by

  /// Sees to it that somebody stands by, one with the slot's present settings.
  private func standByAgain() {
    guard phase == .serving, let worker, nextStandby == nil else { return }
    do {
      nextStandby = try spawn(.standby, arguments)
      guard let keeper = nextStandby, try SlotProcess.tie(worker, to: keeper) else { return standByLater() }
    } catch {
      standByLater()
    }
  }

  private func standByLater() {
    nextStandby?.signal(SIGKILL)
    loop.after(standbyBackoff.next(using: &random)) { [weak self] in self?.standByAgain() }
  }

  private func keepsAll(_ process: SlotProcess) {
    process.keepsAll = true
    if process === successor { onSuccessorReady?() }
    // While the slot changes hands, whoever has been told to take it over is not to be sent away.
    guard process === nextStandby, phase == .serving else { return }
    standbyBackoff.reset()
    retirement.begin(standby)
    standby = process
    nextStandby = nil
    onGuarded?()
  }

  // MARK: Changing hands

  private func serves(_ process: SlotProcess, _ succession: Succession) {
    if process === worker { return }
    guard process === standby || process === nextStandby || process === successor else { return }
    if succession.hadSuspect { strikes.explain() }
    let before = worker
    let keeper = standby
    worker = process
    arguments = process.arguments
    if process === successor {
      successor = nil
      // The one before has all sockets still, and keeps them until a new standby does.
      standby = before
      standby?.keepsAll = true
      if let keeper, keeper !== before {
        retirement.beginLater(keeper) { [weak self] in self?.phase == .stopping }
      }
    } else if process === standby {
      standby = nil
      retirement.begin(nextStandby)
    }
    nextStandby = nil
    phase = .serving
    pulse = Pulse()
    for order in firstOrders?() ?? [] { process.send(order) }
    onSuccession?(succession)
    if standby == nil { standByAgain() }
  }

  private func ended(_ process: SlotProcess, _ how: ProcessExit) {
    retirement.ended(process)
    if phase == .stopping { return finishIfAllEnded() }
    if process === worker {
      workerDied(process, how)
    } else if process === standby {
      standby = nil
      if nextStandby == nil { standByLater() }
    } else if process === nextStandby {
      nextStandby = nil
      if standby == nil { standByLater() }
    } else if process === successor {
      successorDied(process, how)
    }
  }

  private func workerDied(_ process: SlotProcess, _ how: ProcessExit) {
    let death = process.death(how)
    worker = nil
    let isHopeless = death == .fault && strikes.isOut(at: loop.now)
    let heir = isHopeless ? nil : standby ?? nextStandby
    guard let heir, heir.isRunning else { return beginAnew(process.pid, how) }
    if heir === nextStandby { nextStandby = nil }
    inherit(heir, death, after: process.pid, how)
    onCrash?(process.pid, how, nil)
  }

  /// Whoever stood by goes on, within its time.
  private func inherit(_ heir: SlotProcess, _ death: Order.Death, after pid: Int32, _ how: ProcessExit) {
    phase = .changing
    standby = heir
    heir.send(.takeOver(death))
    changes &+= 1
    loop.after(Self.takeOverPatience) { [weak self, changes] in
      // It may be about to take over once more by then.
      guard let self, self.changes == changes else { return }
      if phase == .changing && standby === heir { heir.signal(SIGKILL) }
    }
    watchHeir(heir, pid, how)
  }

  /// Should the heir die, too, before it serves, nobody is left.
  private func watchHeir(_ heir: SlotProcess, _ pid: Int32, _ how: ProcessExit) {
    heir.onEnd = { [weak self, unowned heir] end in
      guard let self else { return }
      if phase == .changing && standby === heir {
        standby = nil
        return beginAnew(heir.pid, end)
      }
      ended(heir, end)
    }
  }

  /// The successor may have won the slot in its last moment: then the worker before it is asleep and has all.
  private func successorDied(_ process: SlotProcess, _ how: ProcessExit) {
    successor = nil
    if ground.isOwned(by: process), let before = worker {
      worker = nil
      retirement.begin(standby)
      inherit(before, process.death(how), after: process.pid, how)
    }
    onSuccessorFailed?("ended: \(how)")
  }

  /// Nobody has what the worker had: its clients are gone, and so is what its pages hold.
  private func beginAnew(_ pid: Int32, _ how: ProcessExit) {
    for process in processes { process.signal(SIGKILL) }
    standby = nil
    nextStandby = nil
    successor = nil
    if loop.now.duration(since: startedAt) > Self.steadyAfter { backoff.reset() }
    let pause = backoff.next(using: &random)
    phase = .waiting
    onCrash?(pid, how, pause)
    loop.after(pause) { [weak self] in self?.tryAgain() }
  }

  private func tryAgain() {
    guard phase == .waiting else { return }
    do {
      try start()
    } catch {
      phase = .waiting
      loop.after(backoff.next(using: &random)) { [weak self] in self?.tryAgain() }
    }
  }

  // MARK: A loop that stands still

  /// Looks whether the worker's loop has gone round since the last look; one that stands still for too long is ended.
  func checkPulse() -> Duration? {
    guard phase == .serving, let pages = ground.pages else { return nil }
    // A successor that has won the slot and not come so far as to say so is the one to blame.
    let winner = successor.flatMap { ground.isOwned(by: $0) ? $0 : nil }
    guard let blamed = winner ?? worker else { return nil }
    guard let stillness = pulse.look(pages.heartbeat.value, at: loop.now), !blamed.isHung else { return nil }
    blamed.isHung = true
    blamed.signal(SIGKILL)
    return stillness
  }

  // MARK: A roll

  func startSuccessor(_ arguments: [String]) throws(SystemError) {
    guard phase == .serving, let worker, successor == nil else { return }
    let process = try spawn(.standby, arguments)
    successor = process
    candidate = process
    if let process, try !SlotProcess.tie(worker, to: process) { process.signal(SIGKILL) }
  }

  func handOver() { successor?.send(.prepare) }

  /// The new worker has proved itself: the one before it goes, as soon as a new standby has all.
  func settle() {
    candidate = nil
    standByAgain()
  }

  /// The successor goes. If it serves already, whoever stands by serves then; if it is gone, nobody else goes for it.
  func abandon() {
    candidate?.signal(SIGKILL)
    candidate = nil
  }

  // MARK: A rebalance

  /// Its worker is to give another slot's some of its sockets. False: not now.
  func give(_ count: Int, to other: WorkerSlot) throws(SystemError) -> Bool {
    guard phase == .serving, other.phase == .serving, let worker, let taker = other.worker else {
      return false
    }
    return try SlotProcess.join(worker, number, to: taker, other.number, count: count)
  }

  // MARK: End

  /// Tells all to go, and sees to it that they do.
  func stop(_ order: Order) {
    phase = .stopping
    for process in processes {
      process.send(order)
      Retirement.watch(process, loop)
    }
    finishIfAllEnded()
  }

  private func finishIfAllEnded() {
    guard phase == .stopping, processes.isEmpty else { return }
    phase = .stopped
    onStopped?()
  }
}
