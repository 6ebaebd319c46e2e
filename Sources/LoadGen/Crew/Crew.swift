import EventLoop
import Glibc

/// The generator processes of one run on this machine: one holds no more sockets than it may have descriptors.
///
/// In: the plan. Out: what they tell, to `returns`. Who gives no report long after the run was over is ended.
final class Crew {
  var onEnd: (() -> Void)?

  private final class Member {
    let share: Returns.Share
    var process: ChildProcess?
    var channel: PacketChannel?
    var hangs = false

    init(sockets: Range<Int>) { share = Returns.Share(sockets: sockets) }

    var isGone: Bool { channel == nil && process?.exit != nil }
  }

  private let loop: EventLoop
  private let returns: Returns
  private var members: [Member] = []

  /// Beyond the sockets a process needs a few dozen descriptors.
  static let descriptorReserve = 100
  /// For closing everything and reporting, after the run and its grace.
  static let patience = Duration.seconds(15)

  /// How many processes so many sockets of `plan` take.
  static func size(_ plan: Plan, sockets: Int) -> Int {
    if plan.processes > 0 { return min(plan.processes, sockets) }
    let most = max(1, Machine.raiseDescriptorLimit() - descriptorReserve)
    return (sockets + most - 1) / most
  }

  /// `number` of so many parts of the sockets, alike but for one socket.
  static func part(_ number: Int, of parts: Int, _ sockets: Range<Int>) -> Range<Int> {
    let first = sockets.lowerBound
    return first + sockets.count * number / parts..<first + sockets.count * (number + 1) / parts
  }

  init(_ loop: EventLoop, _ returns: Returns) {
    self.loop = loop
    self.returns = returns
  }

  /// `work`: what all have to do, with the sockets they share.
  func start(_ work: Task, _ plan: Plan, processes: Int) throws(SystemError) {
    for number in 0..<processes {
      let member = Member(sockets: Self.part(number, of: processes, work.first..<work.end))
      let (ours, theirs) = try PacketChannel.pair()
      let end = Descriptor(owning: theirs)
      let channel = try PacketChannel(loop, adopting: Descriptor(owning: ours))
      channel.onPacket = { [returns] packet, _ in returns.hear(packet, from: member.share) }
      channel.onEnd = { [weak self] in
        member.channel = nil
        self?.settle(member)
      }
      member.channel = channel
      var task = work
      (task.first, task.end) = (member.share.sockets.lowerBound, member.share.sockets.upperBound)
      channel.send(task.packet)
      member.process = try ChildProcess(
        loop, path: Machine.programPath, arguments: [GeneratorMain.argument], inheriting: [3: end.number],
        ownSession: true, onExit: { [weak self] _ in self?.settle(member) })
      members.append(member)
    }
    let end = Moment(nanoseconds: work.start) + plan.duration + plan.grace + Self.patience
    loop.after(end.duration(since: .current)) { [weak self] in self?.giveUp() }
  }

  /// The first last: it may be the one that others hear.
  func stop() { for member in members.reversed() { member.channel?.send([Task.stopMark]) } }

  func tell(_ end: RestartEnd) { for member in members { member.channel?.send(end.packet) } }

  /// Who has not reported by now hangs.
  private func giveUp() {
    for member in members where !member.isGone {
      member.hangs = true
      member.process?.signal(SIGKILL)
    }
  }

  /// It is over with a member once its last packet was read and its process is gone, whichever comes first.
  private func settle(_ member: Member) {
    guard member.isGone else { return }
    let how = member.hangs ? "it hung" : member.process?.exit?.description ?? "unknown"
    let pid = member.process.map { " \($0.pid)" } ?? ""
    returns.close(member.share, who: "generator process\(pid)", how: how)
    if members.allSatisfy(\.isGone) { onEnd?() }
  }
}
