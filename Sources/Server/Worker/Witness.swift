import EventLoop
import FleetState
import WireProtocol

/// Tells of each socket's coming, messages and going, for whoever asked for debug lines; else it does not exist.
///
/// Nothing of what clients say is repeated: a length, a count and a number of ours are enough to follow one socket.
final class Witness {
  private let sockets: Sockets
  private let log: Log
  private var messages: [StreamID: Int] = [:]
  private var comings = Brevity(perSecond: 100)
  private var words = Brevity(perSecond: 100)
  private var goings = Brevity(perSecond: 100)

  /// Nil when nobody would read it.
  init?(_ sockets: Sockets, log: Log) {
    if log.level > .debug { return nil }
    self.sockets = sockets
    self.log = log
  }

  func came(_ stream: StreamID) {
    messages[stream] = 0
    guard let remark = comings.remark(at: sockets.loop.now) else { return }
    log.debug(
      "connected to \(sockets[stream].hall) from \(sockets.table.peerName(of: stream))\(remark)",
      event: "websocket_connected", fields(of: stream))
  }

  func heard(_ stream: StreamID, _ count: Int) {
    messages[stream, default: 0] += 1
    guard let remark = words.remark(at: sockets.loop.now) else { return }
    log.debug(
      "a message of \(count) bytes\(remark)", event: "websocket_message_processed", fields(of: stream))
  }

  func went(_ stream: StreamID) {
    defer { messages[stream] = nil }
    guard let remark = goings.remark(at: sockets.loop.now) else { return }
    let age = sockets.loop.now.duration(since: sockets[stream].openedAt)
    log.debug("disconnected after \(age.words)\(remark)", event: "websocket_disconnected", fields(of: stream))
  }

  /// Another worker tells of it from now on.
  func gave(_ stream: StreamID) { messages[stream] = nil }

  private func fields(of stream: StreamID) -> KeyValuePairs<String, String> {
    let count = messages[stream] ?? 0
    return ["request_id": "\(sockets.slot)-\(String(stream.number, radix: 16))", "message_count": "\(count)"]
  }
}
