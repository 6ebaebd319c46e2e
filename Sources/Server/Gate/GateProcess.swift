import EventLoop
import Glibc

/// One gate process, as the supervisor knows it: its generation, its channel, its end.
final class GateProcess {
  let generation: UInt32
  let startedAt: Moment
  /// We ended it, and have said so.
  var isDismissed = false
  var onWord: ((GateWord) -> Void)?
  var onEnd: ((ProcessExit) -> Void)?

  private let channel: PacketChannel
  private var process: ChildProcess?

  /// `inheritance`: what it finds from descriptor 4 on, behind its channel: the board and the listeners.
  init(_ loop: EventLoop, assignment: GateAssignment, inheritance: [Int32]) throws(SystemError) {
    generation = assignment.generation
    startedAt = loop.now
    let (ours, theirs) = try PacketChannel.pair()
    let end = Descriptor(owning: theirs)
    channel = try PacketChannel(loop, adopting: Descriptor(owning: ours))
    var inheriting: [Int32: Int32] = [3: end.number]
    for (index, number) in inheritance.enumerated() { inheriting[4 + Int32(index)] = number }
    channel.send(GateOrder.begin(assignment).packet)
    process = try ChildProcess(
      loop, path: Machine.programPath, arguments: [GateMain.argument],
      environment: Environment.withoutSecrets, inheriting: inheriting, diesWithUs: false, ownSession: true,
      onExit: { [weak self] in self?.ended($0) })
    hear()
  }

  /// One that a supervisor before us has started.
  init(_ loop: EventLoop, adopting child: Adoption.Gate) throws(SystemError) {
    generation = child.registration.assignment.generation
    startedAt = loop.now
    channel = child.channel
    process = try ChildProcess(
      loop, adopting: child.registration.pid, onExit: { [weak self] in self?.ended($0) })
    hear()
  }

  private func hear() {
    channel.onPacket = { [weak self] packet, descriptors in
      for number in descriptors { _ = Glibc.close(number) }
      if let word = GateWord(packet) { self?.onWord?(word) }
    }
  }

  var pid: Int32 { process?.pid ?? 0 }
  var isRunning: Bool { process.map { $0.exit == nil } ?? false }

  func send(_ order: GateOrder) { channel.send(order.packet) }

  func signal(_ number: Int32) { process?.signal(number) }

  private func ended(_ how: ProcessExit) {
    channel.close()
    onEnd?(how)
  }
}
