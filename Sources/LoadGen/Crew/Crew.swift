import Bytes
import EventLoop
import Glibc
import JSONText
import Measurement

/// The generator processes of one run: one process holds no more sockets than it may have descriptors.
///
/// In: the plan. Out: the sum of what they see, each second, and of their figures at the end.
final class Crew {
  var onEnd: (() -> Void)?
  private(set) var figures = RunFigures()
  private(set) var failures: [String] = []

  private final class Member {
    var process: ChildProcess?
    var channel: PacketChannel?
    var moment = LiveLine.Moment()
    var text: [UInt8] = []
    var hasReported = false
    let sockets: Int

    init(sockets: Int) { self.sockets = sockets }
  }

  private let loop: EventLoop
  private var members: [Member] = []

  /// Beyond the sockets a process needs a few dozen descriptors.
  static let descriptorReserve = 100

  /// How many processes `plan` takes.
  static func size(_ plan: Plan) -> Int {
    if plan.processes > 0 { return min(plan.processes, plan.sockets) }
    let most = max(1, Machine.raiseDescriptorLimit() - descriptorReserve)
    return (plan.sockets + most - 1) / most
  }

  init(_ loop: EventLoop) { self.loop = loop }

  func start(_ plan: Plan, arguments: [String], processes: Int, start: Moment, run: UInt32)
    throws(SystemError)
  {
    for number in 0..<processes {
      let range = plan.sockets * number / processes..<plan.sockets * (number + 1) / processes
      let member = Member(sockets: range.count)
      let (ours, theirs) = try PacketChannel.pair()
      let end = Descriptor(owning: theirs)
      let channel = try PacketChannel(loop, adopting: Descriptor(owning: ours))
      channel.onPacket = { [weak self] packet, _ in self?.heard(packet, from: member) }
      channel.onEnd = { [weak self] in self?.ended(member) }
      member.channel = channel
      let task = Task(
        arguments: arguments, seed: plan.seed, first: range.lowerBound, end: range.upperBound,
        start: start.nanoseconds, run: run)
      channel.send(task.packet)
      member.process = try ChildProcess(
        loop, path: Machine.programPath, arguments: [GeneratorMain.argument], inheriting: [3: end.number],
        ownSession: true, onExit: { _ in })
      members.append(member)
    }
  }

  var moment: LiveLine.Moment { members.reduce(into: LiveLine.Moment()) { $0 += $1.moment } }

  func stop() { for member in members { member.process?.signal(SIGTERM) } }

  private func heard(_ packet: Span<UInt8>, from member: Member) {
    guard packet.count > 0 else { return }
    let rest = packet.extracting(droppingFirst: 1)
    switch packet[0] {
    case Task.momentMark: if let moment = LiveLine.Moment(rest) { member.moment = moment }
    case Task.figuresMark: member.text.append(contentsOf: rest.copied())
    case Task.endMark:
      if let found = RunFigures(member.text.span) {
        member.hasReported = true
        figures.merge(found)
      }
    default: return
    }
  }

  private func ended(_ member: Member) {
    member.channel = nil
    if !member.hasReported {
      figures.wanted += member.sockets
      failures.append(
        "a generator process ended without a report: its \(member.sockets) sockets are not in the figures")
    }
    if members.allSatisfy({ $0.channel == nil }) { onEnd?() }
  }
}
