import Bytes
import EventLoop
import WireProtocol

/// Where every connection of this worker arrives, and to whom each is passed: HTTP to the desk, WebSockets to
/// the talk.
final class Front: StreamOwner {
  private let sockets: Sockets
  private let desk: Desk
  private let talk: Talk

  init(_ sockets: Sockets, desk: Desk, talk: Talk) {
    self.sockets = sockets
    self.desk = desk
    self.talk = talk
    sockets.table.owner = self
    sockets.onAlarm = { [unowned self] in alarm($0) }
    sockets.onRejoin = { [unowned self] in rejoin($0) }
  }

  /// A connection was taken in: whoever keeps our sockets has to have it before anything is said on it.
  var onAdmitted: ((StreamID) -> Void)?

  /// A socket that talks has come from another process.
  var onRejoined: ((StreamID) -> Void)?

  func accept(_ socket: consuming Descriptor) {
    guard let stream = sockets.admit(socket) else { return sockets.count(.overCapacity) }
    desk.welcome(stream)
    onAdmitted?(stream)
  }

  func opened(_ stream: StreamID) {}

  func received(_ stream: StreamID, _ bytes: Span<UInt8>) -> Int {
    switch sockets[stream].phase {
    case .vacant: return bytes.count
    case .talking, .closing: return talk.received(stream, bytes)
    case .asking: return ask(stream, bytes)
    case .introducing: break
    }
    guard let used = sockets.introduce(stream, bytes) else {
      sockets.count(.stranger)
      sockets.drop(stream, reset: true)
      return bytes.count
    }
    if used == 0 || used == bytes.count { return used }
    return used + ask(stream, bytes.extracting(droppingFirst: used))
  }

  private func ask(_ stream: StreamID, _ bytes: Span<UInt8>) -> Int {
    let used = desk.received(stream, bytes)
    // Clients may send their first frames right behind the handshake.
    guard used < bytes.count, sockets.table.holds(stream), sockets[stream].phase == .talking else {
      return used
    }
    return used + talk.received(stream, bytes.extracting(droppingFirst: used))
  }

  func ended(_ stream: StreamID, _ end: StreamEnd) {
    switch end {
    case .reset: if sockets[stream].phase == .talking { sockets.count(.reset) }
    case .overflow: sockets.count(.overCapacity)
    case .eof, .refused, .timeout, .closed, .failed: break
    }
    desk.forget(stream)
    sockets.forget(stream)
  }

  private func rejoin(_ stream: StreamID) {
    switch sockets[stream].phase {
    case .vacant, .closing: return
    case .introducing, .asking: desk.welcome(stream)
    case .talking:
      talk.planAlarm(stream)
      onRejoined?(stream)
    }
  }

  private func alarm(_ stream: StreamID) {
    switch sockets[stream].phase {
    case .vacant: return
    case .introducing: sockets.drop(stream)
    case .asking: desk.alarm(stream)
    case .talking, .closing: talk.alarm(stream)
    }
  }
}
