import EventLoop
import FleetState
import Glibc

/// One place for a worker process: starts it, hears it, starts the next one when it ends unasked.
///
/// In: `start`, orders, `stop`. Out: what the worker says, and its comings and goings.
final class WorkerSlot {
  enum Phase: Equatable { case empty, starting, serving, waiting, stopping, stopped }

  let number: Int
  private(set) var phase = Phase.empty
  private(set) var generation: UInt32 = 0
  var onWord: ((Word) -> Void)?
  var onReady: (() -> Void)?
  /// It ended without being told to; another one comes after the pause.
  var onCrash: ((_ pid: Int32, ProcessExit, _ pause: Duration) -> Void)?
  var onStopped: (() -> Void)?
  /// The assignment of the next worker here.
  var assignment: ((_ generation: UInt32) -> Assignment)?
  /// What it has to hear right after its assignment.
  var firstOrders: (() -> [Order])?

  private let loop: EventLoop
  private let inheritance: [Int32]
  private var process: ChildProcess?
  private var channel: PacketChannel?
  private var backoff = Backoff.crashes
  private var random = SystemRandomNumberGenerator()
  private var startedAt = Moment(nanoseconds: 0)

  /// Whoever has served for so long is not in a loop of crashes.
  private static let steadyAfter = Duration.seconds(60)
  private static let stopPatience = Duration.seconds(5)

  /// `inheritance`: what the worker finds from descriptor 4 on, behind its channel: the board, the listeners.
  init(_ loop: EventLoop, number: Int, inheritance: [Int32]) {
    self.loop = loop
    self.number = number
    self.inheritance = inheritance
  }

  var pid: Int32? { process.flatMap { $0.exit == nil ? $0.pid : nil } }

  func start() throws(SystemError) {
    generation += 1
    startedAt = loop.now
    phase = .starting
    let (ours, theirs) = try PacketChannel.pair()
    let end = Descriptor(owning: theirs)
    let channel = try PacketChannel(loop, adopting: Descriptor(owning: ours))
    channel.onPacket = { [weak self] packet, descriptors in
      for number in descriptors { _ = Glibc.close(number) }
      if let word = Word(packet) { self?.heard(word) }
    }
    self.channel = channel
    var inheriting: [Int32: Int32] = [3: end.number]
    for (index, number) in inheritance.enumerated() { inheriting[4 + Int32(index)] = number }
    if let assignment { channel.send(Order.begin(assignment(generation)).packet) }
    process = try ChildProcess(
      loop, path: Machine.programPath, arguments: [WorkerMain.argument], inheriting: inheriting,
      ownSession: true, onExit: { [weak self] in self?.ended($0) })
    for order in firstOrders?() ?? [] { channel.send(order.packet) }
  }

  func send(_ order: Order) { channel?.send(order.packet) }

  /// Tells it to go, and sees to it that it does.
  func stop(_ order: Order) {
    guard let process, process.exit == nil else {
      phase = .stopped
      onStopped?()
      return
    }
    phase = .stopping
    send(order)
    loop.after(Self.stopPatience) { process.signal(SIGKILL) }
  }

  private func heard(_ word: Word) {
    if case .ready = word, phase == .starting {
      phase = .serving
      onReady?()
    }
    onWord?(word)
  }

  private func ended(_ how: ProcessExit) {
    let pid = process?.pid ?? 0
    process = nil
    channel?.close()
    channel = nil
    if phase == .stopping {
      phase = .stopped
      onStopped?()
      return
    }
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
}
