import EventLoop
import FleetState
import Glibc
import TLS

/// One gate process of a slot: it ends TLS, and passes plain bytes on to the workers.
///
/// In: orders. Out: words, and an exit code. No worker's roll or crash touches it, because its clients' TLS lives in
/// its memory alone; the workers' ends of its connections are TCP, and go on as those of plain clients do.
final class Gate {
  private let loop: EventLoop
  private let log: Log
  private let line: Line
  private let board: Board
  private let assignment: GateAssignment
  private let ledger: GateLedger
  private let clients: SecureClients
  /// Of all slots, for a supervisor that follows this one.
  private let numbers: [Int32]
  private var listeners: [Listener] = []
  private var isRetired = false
  private var isStopping = false

  /// Descriptors that are for everything but clients, each of whom takes two.
  private static let descriptorReserve = 64
  private static let stopPatience = Duration.seconds(2)
  private static let beatEvery = Duration.milliseconds(250)

  init(_ loop: EventLoop, line: Line, board: Board, assignment: GateAssignment, numbers: [Int32], log: Log)
    throws(StartError)
  {
    self.loop = loop
    self.line = line
    self.board = board
    self.assignment = assignment
    self.numbers = numbers
    self.log = log
    let most = (Machine.raiseDescriptorLimit() - Self.descriptorReserve) / 2
    ledger = GateLedger(board, slot: assignment.slot, generation: assignment.generation)
    let terms = SecureClients.Terms(
      inner: .tcp(host: "127.0.0.1", port: assignment.pass.port), pass: assignment.pass, most: most)
    clients = SecureClients(
      loop, context: try assignment.files.load(), terms: terms, ledger: ledger, log: log)
  }

  func start() {
    Machine.nameProcess("wsserver/g\(assignment.slot)")
    ledger.counters.begin(pid: Machine.pid, generation: assignment.generation)
    clients.onEmpty = { [unowned self] in if isRetired || isStopping { loop.stop() } }
    line.onPacket = { [unowned self] packet, descriptors in
      for number in descriptors { _ = Glibc.close(number) }
      if let order = GateOrder(packet) { obey(order) }
    }
    line.introduction = { [unowned self] in introduction }
    let own = numbers.dropFirst(assignment.slot * assignment.addresses).prefix(assignment.addresses)
    listeners = own.map { number in Listener(loop, socket: number) { [clients] in clients.accept($0) } }
    for listener in listeners {
      do throws(SystemError) { try listener.resume() } catch {
        log.error("cannot accept: \(error)", event: "listener")
      }
    }
    _ = loop.every(Self.beatEvery) { [unowned self] in beat() }
    line.send(GateWord.ready.packet)
  }

  private var introduction: (packet: [UInt8], descriptors: [Int32])? {
    if isStopping { return nil }
    let registration = GateRegistration(assignment: assignment, pid: Machine.pid, isRetired: isRetired)
    return (GateWord.registered(registration).packet, [board.pages.number] + numbers)
  }

  private func beat() {
    ledger.counters.beat &+= 1
    ledger.counters.cpuMicroseconds = Machine.cpuNanoseconds / 1000
    ledger.counters.residentBytes = UInt64(clamping: Machine.residentBytes)
  }

  private func obey(_ order: GateOrder) {
    switch order {
    case .begin: return
    case .renew(let files):
      do throws(StartError) { clients.context = try files.load() } catch {
        line.send(GateWord.refused(reason: error.text).packet)
      }
    case .retire:
      isRetired = true
      rest()
    case .stop:
      isStopping = true
      rest()
      loop.after(Self.stopPatience) { [loop] in loop.stop() }
    }
  }

  private func rest() {
    for listener in listeners { listener.pause() }
    if clients.count == 0 { loop.stop() }
  }
}
