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

/// What a generator process is told, and the marks of what it tells.
struct Task: Equatable {
  var arguments: [String]
  var seed: UInt64
  var first: Int
  var end: Int
  var start: UInt64
  var run: UInt32

  static let momentMark = UInt8(ascii: "m")
  static let figuresMark = UInt8(ascii: "f")
  static let endMark = UInt8(ascii: "e")

  init(arguments: [String], seed: UInt64, first: Int, end: Int, start: UInt64, run: UInt32) {
    self.arguments = arguments
    self.seed = seed
    self.first = first
    self.end = end
    self.start = start
    self.run = run
  }

  var packet: [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.array("arguments") { list in for argument in arguments { list.string(argument) } }
    json.member("seed", Int64(bitPattern: seed))
    json.member("first", first)
    json.member("end", end)
    json.member("start", Int64(bitPattern: start))
    json.member("run", run)
    json.endObject()
    return Array(json.text.utf8)
  }

  init?(_ packet: Span<UInt8>) {
    guard let json = try? JSONValue.read(packet), let seed = json["seed"]?.integer,
      let first = json["first"]?.integer, let end = json["end"]?.integer, let start = json["start"]?.integer,
      let run = json["run"]?.integer.flatMap({ UInt32(exactly: $0) }), first >= 0, end > first
    else { return nil }
    self.init(
      arguments: json["arguments"]?.elements.compactMap(\.string) ?? [], seed: UInt64(bitPattern: seed),
      first: Int(first), end: Int(end), start: UInt64(bitPattern: start), run: run)
  }
}

extension LiveLine.Moment {
  init?(_ text: Span<UInt8>) {
    guard let json = try? JSONValue.read(text), json.elements.count == 6 else { return nil }
    let numbers = json.elements.map { Int(clamping: $0.integer ?? 0) }
    self.init(
      open: numbers[0], wanted: numbers[1], sent: numbers[2], received: numbers[3], drops: numbers[4],
      reconnects: numbers[5])
  }

  var packet: [UInt8] {
    let numbers = [open, wanted, sent, received, drops, reconnects].map(String.init).joined(separator: ",")
    return [Task.momentMark] + Array("[\(numbers)]".utf8)
  }
}
