import EventLoop
import JSONText
import Measurement

/// What a generator process is told, and the marks of what it tells.
struct Task: Equatable {
  var arguments: [String]
  /// Of the target: whoever looks a name up waits, and each could be told something else.
  var addresses: [String]
  var seed: UInt64
  var first: Int
  var end: Int
  var start: UInt64
  var run: UInt32

  static let stepMark = UInt8(ascii: "s")
  static let figuresMark = UInt8(ascii: "f")
  static let endMark = UInt8(ascii: "e")
  /// Before an assertion that cannot hold any more.
  static let hopelessMark = UInt8(ascii: "x")
  /// What it is told: to end before its time.
  static let stopMark = UInt8(ascii: "q")
  /// Of agents alone: ready, with how many processes; and something that speaks against the run.
  static let readyMark = UInt8(ascii: "y")
  static let failureMark = UInt8(ascii: "n")

  init(
    arguments: [String], addresses: [String], seed: UInt64, first: Int, end: Int, start: UInt64, run: UInt32
  ) {
    self.arguments = arguments
    self.addresses = addresses
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
    json.array("addresses") { list in for address in addresses { list.string(address) } }
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
      arguments: json["arguments"]?.elements.compactMap(\.string) ?? [],
      addresses: json["addresses"]?.elements.compactMap(\.string) ?? [], seed: UInt64(bitPattern: seed),
      first: Int(first), end: Int(end), start: UInt64(bitPattern: start), run: run)
  }
}

extension Task {
  static func text(_ address: SocketAddress) -> String { address.description }

  var targets: [SocketAddress] { addresses.compactMap { try? SocketAddress.parse($0) } }
}

extension RunFigures {
  /// The figures on their way to who asked for them, in as many packets as they take, and that these were all.
  var packets: [[UInt8]] {
    var json = JSONWriter()
    write(to: &json)
    var packets: [[UInt8]] = []
    var rest = Array(json.text.utf8)[...]
    while !rest.isEmpty {
      packets.append([Task.figuresMark] + rest.prefix(PacketChannel.packetLimit - 1))
      rest = rest.dropFirst(PacketChannel.packetLimit - 1)
    }
    return packets + [[Task.endMark]]
  }
}

/// What generators are told when a restart has ended: which of the plan's, and when in the run.
struct RestartEnd: Equatable {
  var number: Int
  var at: UInt64

  static let mark = UInt8(ascii: "r")

  init(number: Int, at: UInt64) {
    self.number = number
    self.at = at
  }

  /// Nil for a packet that is something else.
  init?(_ packet: Span<UInt8>) {
    guard packet.count > 0, packet[0] == Self.mark,
      let json = try? JSONValue.read(packet.extracting(droppingFirst: 1)), json.elements.count == 2,
      let number = json.elements[0].integer.flatMap({ Int(exactly: $0) }),
      let at = json.elements[1].integer.flatMap({ UInt64(exactly: $0) })
    else { return nil }
    self.init(number: number, at: at)
  }

  var packet: [UInt8] { [Self.mark] + Array("[\(number),\(Int64(clamping: at))]".utf8) }
}
