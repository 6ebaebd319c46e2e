import EventLoop
import FleetState
import TLS

/// Notes each socket that comes and goes in the stream `lifecycle`; does not exist where nobody has asked for it.
///
/// In: sockets, in their changes. Out: a command in the log of what this worker's sockets have said, so that no crash
/// loses it. It may be carried out twice: the same id then stands there twice.
final class Lifecycle {
  private let sockets: Sockets
  private let publisher: Publisher
  private let key: String

  /// What stands in the stream at most, but for a little more.
  private static let mostKept = 100_000

  init?(_ sockets: Sockets, _ publisher: Publisher, key: String, terms: HookTerms) {
    if !terms.isStreamAsked && !terms.hasWebhooks { return nil }
    self.sockets = sockets
    self.publisher = publisher
    self.key = key
  }

  func came(_ stream: StreamID) { note(stream, .connect) }

  func went(_ stream: StreamID) {
    let record = sockets[stream]
    let how: LifecycleEvent.Ending =
      switch record.ending {
      case .left: .left
      case .paced: .drained
      case .forced: .forced
      }
    let age = sockets.loop.now.duration(since: record.openedAt)
    note(
      stream,
      .disconnect(.init(how: how, milliseconds: age.wholeMilliseconds, messages: record.messages)))
  }

  private func note(_ stream: StreamID, _ kind: LifecycleEvent.Kind) {
    let address = publisher.address
    let number = String(stream.number, radix: 36)
    let letter = kind == .connect ? "c" : "d"
    guard let id = Name("\(address.slot).\(String(address.life, radix: 36)).\(number).\(letter)") else {
      return
    }
    let event = LifecycleEvent(
      id, kind, hall: sockets[stream].hall, name: sockets.name(of: stream)?.name,
      peer: sockets.peerName(of: stream), host: address.host, slot: address.slot,
      at: WallClock.unixMilliseconds)
    let words = event.fields.list.flatMap { [$0.name, $0.value] }
    let isTaken = publisher.command(stream, ["XADD", key, "MAXLEN", "~", "\(Self.mostKept)", "*"] + words)
    if !isTaken { sockets.count(.publishFailed) }
  }
}
