import Bytes
import EventLoop
import FleetState
import WireProtocol

/// The hall `ws`: a text comes back with a prefix, and everybody else hears it as it was.
final class PlainHall {
  private let sockets: Sockets
  private let bus: Bus
  private let notice: String

  init(_ sockets: Sockets, bus: Bus, notice: String) {
    self.sockets = sockets
    self.bus = bus
    self.notice = notice
  }

  @inline(__always)
  func heard(_ stream: StreamID, _ opcode: Opcode, _ payload: Span<UInt8>) {
    // Binary has no place for a prefix and is nobody else's business.
    if opcode == .binary { return sockets.say(.binary, "", payload, to: stream) }
    switch sockets[stream].manner {
    case .echo: sockets.say(.text, "echo: ", payload, to: stream)
    case .mirror: sockets.say(.text, "", payload, to: stream)
    case .both:
      sockets.say(.text, "echo: ", payload, to: stream)
      bus.publish(stream, BusEntry(.hall(.ws)), payload)
    case .others: bus.publish(stream, BusEntry(.hall(.ws)), payload)
    }
  }

  func notice(_ stream: StreamID) { sockets.say(.text, "", notice.utf8.span, to: stream) }
}
