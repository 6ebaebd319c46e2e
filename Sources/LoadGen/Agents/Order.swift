import Bytes

/// What an agent is told, as a packet of one mark and its rest.
enum Order: Equatable {
  /// Get ready for this part of that run; `start` is not settled yet.
  case prepare(Task)
  /// Begin at this moment of Redis' clock, in microseconds.
  case begin(UInt64)
  case restarted(RestartEnd)
  case stop

  private static let prepareMark = UInt8(ascii: "p")
  private static let beginMark = UInt8(ascii: "b")

  var packet: [UInt8] {
    switch self {
    case .prepare(let task): [Self.prepareMark] + task.packet
    case .begin(let microseconds): [Self.beginMark] + Array("\(microseconds)".utf8)
    case .restarted(let end): end.packet
    case .stop: [Task.stopMark]
    }
  }

  /// Nil for a packet that is something else.
  init?(_ packet: Span<UInt8>) {
    guard packet.count > 0 else { return nil }
    let rest = packet.extracting(droppingFirst: 1)
    switch packet[0] {
    case Self.prepareMark:
      guard let task = Task(rest) else { return nil }
      self = .prepare(task)
    case Self.beginMark:
      guard let microseconds = UInt64(String(decoding: rest.copied(), as: UTF8.self)) else { return nil }
      self = .begin(microseconds)
    case RestartEnd.mark:
      guard let end = RestartEnd(packet) else { return nil }
      self = .restarted(end)
    case Task.stopMark where packet.count == 1: self = .stop
    case _: return nil
    }
  }
}
