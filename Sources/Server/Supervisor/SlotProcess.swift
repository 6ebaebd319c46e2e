import EventLoop
import Glibc

/// One process of a slot, as the supervisor knows it: its generation, its channel, its end.
final class SlotProcess {
  let generation: UInt32
  /// What its settings were, for whoever is started to stand by for it.
  let arguments: [String]
  /// It has a hold of every socket of its worker.
  var keepsAll = false
  /// It was killed because its loop stood still.
  var isHung = false
  var onWord: ((Word) -> Void)?
  var onEnd: ((ProcessExit) -> Void)?

  private let loop: EventLoop
  private let channel: PacketChannel
  private var process: ChildProcess?

  /// `inheritance`: what it finds from descriptor 4 on, behind its channel: the board, its pages, the listeners.
  init(_ loop: EventLoop, assignment: Assignment, inheritance: [Int32]) throws(SystemError) {
    self.loop = loop
    generation = assignment.generation
    arguments = assignment.arguments
    let (ours, theirs) = try PacketChannel.pair()
    let end = Descriptor(owning: theirs)
    channel = try PacketChannel(loop, adopting: Descriptor(owning: ours))
    var inheriting: [Int32: Int32] = [3: end.number]
    for (index, number) in inheritance.enumerated() { inheriting[4 + Int32(index)] = number }
    channel.send(Order.begin(assignment).packet)
    process = try ChildProcess(
      loop, path: Machine.programPath, arguments: [WorkerMain.argument],
      environment: Environment.withoutSecrets,
      inheriting: inheriting,
      diesWithUs: false, ownSession: true, onExit: { [weak self] in self?.ended($0) })
    hear()
  }

  private func hear() {
    channel.onPacket = { [weak self] packet, descriptors in
      for number in descriptors { _ = Glibc.close(number) }
      if let word = Word(packet) { self?.onWord?(word) }
    }
  }

  /// One that a supervisor before us has started.
  init(_ loop: EventLoop, adopting child: Adoption.Child) throws(SystemError) {
    self.loop = loop
    generation = child.registration.assignment.generation
    arguments = child.registration.assignment.arguments
    keepsAll = child.registration.keepsAll
    channel = child.channel
    process = try ChildProcess(
      loop, adopting: child.registration.pid, onExit: { [weak self] in self?.ended($0) })
    hear()
  }

  var pid: Int32 { process?.pid ?? 0 }
  var isRunning: Bool { process.map { $0.exit == nil } ?? false }

  func send(_ order: Order) { channel.send(order.packet) }

  func signal(_ number: Int32) { process?.signal(number) }

  /// Ties a worker to a process that keeps its sockets. False: one of them cannot take it now.
  static func tie(_ worker: SlotProcess, to keeper: SlotProcess) throws(SystemError) -> Bool {
    let (first, second) = try PacketChannel.pair()
    let workersEnd = Descriptor(owning: first)
    let keepersEnd = Descriptor(owning: second)
    let toKeeper = Order.tie(Tie(generation: worker.generation, pid: worker.pid, isWorker: true))
    let toWorker = Order.tie(Tie(generation: keeper.generation, pid: keeper.pid, isWorker: false))
    // The keeper first: it has to know for whom before anything comes.
    return keeper.channel.offer(toKeeper.packet, [keepersEnd.number])
      && worker.channel.offer(toWorker.packet, [workersEnd.number])
  }

  /// Has one worker give another some of its sockets, over a line of their own. False: one of them cannot take it now.
  static func join(_ giver: SlotProcess, _ from: Int, to taker: SlotProcess, _ slot: Int, count: Int)
    throws(SystemError) -> Bool
  {
    let (first, second) = try PacketChannel.pair()
    let giversEnd = Descriptor(owning: first)
    let takersEnd = Descriptor(owning: second)
    return taker.channel.offer(Order.receive(from: from).packet, [takersEnd.number])
      && giver.channel.offer(Order.give(count: count, to: slot).packet, [giversEnd.number])
  }

  /// What its end says of the reason: whether it was wanted, or the process failed.
  func death(_ how: ProcessExit) -> Order.Death {
    if isHung { return .fault }
    switch how {
    case .unknown, .signal(SIGKILL), .signal(SIGTERM), .signal(SIGINT), .signal(SIGHUP): return .killed
    case .signal, .code: return .fault
    }
  }

  private func ended(_ how: ProcessExit) {
    channel.close()
    onEnd?(how)
  }
}
