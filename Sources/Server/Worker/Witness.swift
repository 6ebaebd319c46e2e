import EventLoop
import FleetState
import WireProtocol

/// Tells of each socket's coming, messages and going, for whoever asked for debug lines; else it does not exist.
///
/// Nothing of what clients say is repeated: a length, a count and a number of ours are enough to follow one socket.
final class Witness {
  private let sockets: Sockets
  private let log: Log
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
    guard let remark = comings.remark(at: sockets.loop.now) else { return }
    log.debug(
      "WebSocket connected to \(sockets[stream].hall) from \(sockets.peerName(of: stream))\(sockets.isSecure(stream) ? " over TLS" : "")\(remark)",
      event: "websocket_connected", sockets.logFields(of: stream))
  }

  func heard(_ stream: StreamID, _ count: Int) {
    guard let remark = words.remark(at: sockets.loop.now) else { return }
    log.debug(
      "a WebSocket message of \(count) bytes\(remark)", event: "websocket_message_processed",
      sockets.logFields(of: stream))
  }

  func went(_ stream: StreamID) {
    guard let remark = goings.remark(at: sockets.loop.now) else { return }
    let age = sockets.loop.now.duration(since: sockets[stream].openedAt)
    log.debug(
      "WebSocket disconnected after \(age.words)\(remark)", event: "websocket_disconnected",
      sockets.logFields(of: stream))
  }
}

extension Sockets {
  /// How log lines name a socket: by a number of ours, by its session if it has one, and by how much it has said.
  func logFields(of stream: StreamID) -> Log.Fields {
    let request = Log.Value.text("\(slot)-\(String(stream.number, radix: 16))")
    let count = Log.Value.number(self[stream].messages)
    guard self[stream].hall == .chat || self[stream].dress == .sluice, let session = name(of: stream) else {
      return ["request_id": request, "message_count": count]
    }
    return ["request_id": request, "session_id": .text(session.name), "message_count": count]
  }
}
