import Bytes
import EventLoop
import Glibc
import JSONText
import Measurement

/// The generator processes of one run: one process holds no more sockets than it may have descriptors.
///
/// In: the plan. Out: the sum of what they see, step by step, and of their figures at the end. One that ends without
/// a report, or gives none long after the run was over, is a failure of the whole run: its sockets are in no figure.
final class Crew {
  var onEnd: (() -> Void)?
  /// As soon as it is known.
  var onFailure: ((String) -> Void)?
  /// An assertion cannot hold any more.
  var onHopeless: ((String) -> Void)?
  private(set) var figures = RunFigures()
  private(set) var series = RunSeries()
  private(set) var failures: [String] = []

  private final class Member {
    let sockets: Range<Int>
    var process: ChildProcess?
    var channel: PacketChannel?
    var text: [UInt8] = []
    var hasReported = false
    var hangs = false

    init(sockets: Range<Int>) { self.sockets = sockets }

    var isGone: Bool { channel == nil && process?.exit != nil }
  }

  private let loop: EventLoop
  private var members: [Member] = []

  /// Beyond the sockets a process needs a few dozen descriptors.
  static let descriptorReserve = 100
  /// For closing everything and reporting, after the run and its grace.
  private static let patience = Duration.seconds(15)

  /// How many processes `plan` takes.
  static func size(_ plan: Plan) -> Int {
    if plan.processes > 0 { return min(plan.processes, plan.sockets) }
    let most = max(1, Machine.raiseDescriptorLimit() - descriptorReserve)
    return (plan.sockets + most - 1) / most
  }

  init(_ loop: EventLoop) { self.loop = loop }

  func start(
    _ plan: Plan, arguments: [String], addresses: [SocketAddress], processes: Int, start: Moment, run: UInt32
  )
    throws(SystemError)
  {
    for number in 0..<processes {
      let range = plan.sockets * number / processes..<plan.sockets * (number + 1) / processes
      let member = Member(sockets: range)
      let (ours, theirs) = try PacketChannel.pair()
      let end = Descriptor(owning: theirs)
      let channel = try PacketChannel(loop, adopting: Descriptor(owning: ours))
      channel.onPacket = { [weak self] packet, _ in self?.heard(packet, from: member) }
      channel.onEnd = { [weak self] in
        member.channel = nil
        self?.settle(member)
      }
      member.channel = channel
      let task = Task(
        arguments: arguments, addresses: addresses.map(Task.text), seed: plan.seed, first: range.lowerBound,
        end: range.upperBound,
        start: start.nanoseconds, run: run)
      channel.send(task.packet)
      member.process = try ChildProcess(
        loop, path: Machine.programPath, arguments: [GeneratorMain.argument], inheriting: [3: end.number],
        ownSession: true, onExit: { [weak self] _ in self?.settle(member) })
      members.append(member)
    }
    let end = start + plan.duration + plan.grace + Self.patience
    loop.after(end.duration(since: .current)) { [weak self] in self?.giveUp() }
  }

  func stop() { for member in members { member.process?.signal(SIGTERM) } }

  func tell(_ end: RestartEnd) { for member in members { member.channel?.send(end.packet) } }

  /// Who has not reported by now hangs.
  private func giveUp() {
    for member in members where !member.isGone {
      member.hangs = true
      member.process?.signal(SIGKILL)
    }
  }

  private func heard(_ packet: Span<UInt8>, from member: Member) {
    guard packet.count > 0 else { return }
    let rest = packet.extracting(droppingFirst: 1)
    switch packet[0] {
    case Task.stepMark: if let (step, time) = SeriesStep.read(rest) { series.add(step, at: time) }
    case Task.figuresMark: member.text.append(contentsOf: rest.copied())
    case Task.hopelessMark: onHopeless?(String(decoding: rest.copied(), as: UTF8.self))
    case Task.endMark:
      let text = member.text
      let found = RunFigures(text.span)
      if let found {
        member.hasReported = true
        figures.merge(found)
      }
    default: return
    }
  }

  /// It is over with a member once its last packet was read and its process is gone, whichever comes first.
  private func settle(_ member: Member) {
    guard member.isGone else { return }
    if !member.hasReported {
      figures.wanted += member.sockets.count
      let how = member.hangs ? "it hung" : member.process?.exit?.description ?? "unknown"
      let failure =
        "a generator process ended without a report (\(how)): sockets \(member.sockets.lowerBound) to "
        + "\(member.sockets.upperBound - 1) are in no figure"
      failures.append(failure)
      onFailure?(failure)
    }
    if members.allSatisfy(\.isGone) { onEnd?() }
  }
}
