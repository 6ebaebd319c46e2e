import Bytes
import EventLoop
import FleetState
import RedisClient

/// What one side of a run tells the other: packets in a stream of Redis, in order and each once, whatever becomes of
/// the connection. Numbered, because who did not hear whether one arrived has to send it again.
final class Dispatch {
  private let loop: EventLoop
  private let redis: Redis
  private let stream: String
  private let sender: String
  private var queue: [(number: Int, packet: [UInt8])] = []
  private var number = 0
  private var isSending = false
  private var onEmpty: (() -> Void)?

  private static let senderField: StaticString = "from"
  private static let numberField: StaticString = "n"
  private static let packetField: StaticString = "packet"
  /// Steps of many agents for a minute or more; who is further behind is told of the gap.
  private static let mostEntries = 100_000
  /// A stream nobody has written to for so long is nobody's.
  private static let life = Duration.seconds(600)
  /// Beyond it Redis has been away for longer than the run can do without.
  private static let mostWaiting = 20_000

  init(_ loop: EventLoop, _ redis: Redis, stream: String, sender: Name) {
    self.loop = loop
    self.redis = redis
    self.stream = stream
    self.sender = sender.text
  }

  /// When too much waits already the packet is not sent, and the other side misses its number.
  func send(_ packet: [UInt8]) {
    number += 1
    if queue.count < Self.mostWaiting { queue.append((number, packet)) }
    advance()
  }

  /// `done` once everything has arrived.
  func whenEmpty(_ done: @escaping () -> Void) {
    onEmpty = done
    advance()
  }

  private func advance() {
    if isSending { return }
    guard let first = queue.first else {
      let done = onEmpty
      onEmpty = nil
      done?()
      return
    }
    isSending = true
    redis.send(
      { command in
        command.add("XADD")
        command.add(stream)
        command.add("MAXLEN")
        command.add("~")
        command.add(Self.mostEntries)
        command.add("*")
        command.add(Self.senderField)
        command.add(sender)
        command.add(Self.numberField)
        command.add(first.number)
        command.add(Self.packetField)
        command.add(first.packet.span)
      },
      then: { [weak self] in self?.sent($0) })
    redis.send("PEXPIRE", stream, "\(Self.life.wholeMilliseconds)")
  }

  private func sent(_ answer: Redis.Answer) {
    switch answer {
    case .success:
      isSending = false
      queue.removeFirst()
      advance()
    case .failure:
      // Whether it arrived nobody knows: the number tells the other side.
      loop.after(.milliseconds(100)) { [weak self] in
        self?.isSending = false
        self?.advance()
      }
    }
  }
}

extension Dispatch {
  /// One packet as it arrives.
  struct Arrival {
    let sender: Name
    let number: Int
    let packet: [UInt8]

    /// Nil for an entry of somebody else.
    init?(_ entry: StreamEntry) {
      guard let from = entry.value(of: senderField), let sender = Name(from),
        let digits = entry.value(of: numberField),
        let number = Int(String(decoding: digits.copied(), as: UTF8.self)),
        let packet = entry.value(of: packetField), packet.count > 0
      else { return nil }
      (self.sender, self.number, self.packet) = (sender, number, packet.copied())
    }
  }
}

/// The other end of several: which packets of a sender are new, and whether one is missing before it.
struct Arrivals: Equatable {
  enum Finding: Equatable { case new, known, gap }

  private var last: [String: Int] = [:]
  private static let mostSenders = 1000

  mutating func take(_ number: Int, from sender: String) -> Finding {
    let before = last[sender, default: 0]
    if number <= before { return .known }
    // Whoever spoke a thousand runs ago does not speak again.
    if last.count >= Self.mostSenders { last = [sender: before] }
    last[sender] = number
    return number == before + 1 ? .new : .gap
  }
}
