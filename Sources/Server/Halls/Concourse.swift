import Bytes
import EventLoop
import FleetState
import WireProtocol

/// The halls of this worker: what is said in each goes to whoever keeps it.
///
/// In: what clients say, that a socket came, left or is about to be sent away, that its notice is due. Out: answers,
/// and entries of the bus. All of it happens in a change of the stream it is about.
final class Concourse {
  private let sockets: Sockets
  private let bus: Bus
  private let plain: PlainHall

  init(_ sockets: Sockets, bus: Bus, habits: Talk.Habits) {
    self.sockets = sockets
    self.bus = bus
    plain = PlainHall(sockets, bus: bus, notice: habits.notice)
  }

  @inline(__always)
  func heard(_ stream: StreamID, _ opcode: Opcode, _ payload: Span<UInt8>) {
    switch sockets[stream].hall {
    case .ws: plain.heard(stream, opcode, payload)
    case .chat, .clients, .tasks: return
    }
  }

  /// The handshake is done.
  func came(_ stream: StreamID) {
    switch sockets[stream].hall {
    case .ws, .chat, .clients, .tasks: return
    }
  }

  /// By its own doing or ours; it still has its name and what it has joined.
  func left(_ stream: StreamID) {
    switch sockets[stream].hall {
    case .ws, .chat, .clients, .tasks: return
    }
  }

  /// What is said every so often.
  func notice(_ stream: StreamID) {
    switch sockets[stream].hall {
    case .ws: plain.notice(stream)
    case .chat, .clients, .tasks: return
    }
  }

  /// A drain is about to close it.
  func farewell(_ stream: StreamID) {
    switch sockets[stream].hall {
    case .ws, .chat, .clients, .tasks: return
    }
  }

  /// What the bus wants done, with our own socket that asked for it. It can come twice.
  func act(_ message: BusEntry, _ own: StreamID?) {
    switch message.kind {
    case .claim, .close, .joins, .parts: return
    case .broadcast, .hall, .direct, .group, .task, .answer: return
    }
  }
}
