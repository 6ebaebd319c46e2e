import FleetState

import Bytes
import EventLoop
import WireProtocol

/// The hall `ws`: a text comes back with a prefix, and everybody else hears it as it was.
final class PlainHall {
  /// Somebody said something that everybody else is to hear. False: it cannot be taken now.
  var publish: ((StreamID, Opcode, Span<UInt8>) -> Void)?

  private let sockets: Sockets

  init(_ sockets: Sockets) { self.sockets = sockets }

  @inline(__always)
  func heard(_ stream: StreamID, _ opcode: Opcode, _ payload: Span<UInt8>) {
    // Binary has no place for a prefix and is nobody else's business.
    if opcode == .binary { return sockets.say(.binary, "", payload, to: stream) }
    switch sockets[stream].manner {
    case .echo: sockets.say(.text, "echo: ", payload, to: stream)
    case .mirror: sockets.say(.text, "", payload, to: stream)
    case .both:
      sockets.say(.text, "echo: ", payload, to: stream)
      publish?(stream, opcode, payload)
    case .others: publish?(stream, opcode, payload)
    }
  }
}
