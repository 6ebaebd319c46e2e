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
  private let sluice: SluiceHall
  private let chat: ChatHall
  private let clients: ClientsHall
  private let list: SocketList
  private let tasks: TasksHall

  init(
    _ sockets: Sockets, bus: Bus, sluice: SluiceHall, habits: Talk.Habits, reception: Reception,
    tasks: TasksHall
  ) {
    self.sockets = sockets
    self.bus = bus
    self.sluice = sluice
    self.tasks = tasks
    plain = PlainHall(sockets, bus: bus, notice: habits.notice)
    chat = reception.chat
    clients = reception.clients
    list = reception.list
  }

  @inline(__always)
  func heard(_ stream: StreamID, _ opcode: Opcode, _ payload: Span<UInt8>) {
    if isSluice(stream) { return sluice.heard(stream, opcode, payload) }
    switch sockets[stream].hall {
    case .ws: plain.heard(stream, opcode, payload)
    case .chat: chat.heard(stream, opcode, payload)
    case .clients: clients.heard(stream, opcode, payload)
    case .tasks: return
    }
  }

  /// The handshake is done.
  func came(_ stream: StreamID) {
    list.add(stream)
    if isSluice(stream) { sluice.came(stream) }
    switch sockets[stream].hall {
    case .clients: clients.came(stream)
    case .tasks: tasks.came(stream)
    case .ws, .chat: return
    }
  }

  /// By its own doing or ours; it still has its name and what it has joined.
  func left(_ stream: StreamID) {
    list.remove(stream)
    if isSluice(stream) { sluice.left(stream) }
    switch sockets[stream].hall {
    case .chat: chat.left(stream)
    case .clients: clients.left(stream)
    case .ws, .tasks: return
    }
  }

  /// Nothing about it is being asked, so that it can go on in another slot.
  func mayPass(_ stream: StreamID) -> Bool {
    switch sockets[stream].hall {
    case .clients: !clients.isInQuestion(stream)
    case .tasks: !tasks.isLooking(stream)
    case .ws, .chat: true
    }
  }

  /// It goes on in another slot: here it is gone, and has not left.
  func given(_ stream: StreamID) {
    list.removeLater(stream)
    clients.given(stream)
    sluice.given(stream)
  }

  /// What is said every so often.
  func notice(_ stream: StreamID) {
    if isSluice(stream) { return sluice.renew(stream) }
    switch sockets[stream].hall {
    case .ws: plain.notice(stream)
    case .chat: chat.notice(stream)
    case .clients: clients.notice(stream)
    case .tasks: return
    }
  }

  /// It has come from another process.
  func rejoined(_ stream: StreamID) {
    if isSluice(stream) { sluice.rejoined(stream) }
  }

  private func isSluice(_ stream: StreamID) -> Bool { sockets[stream].dress == .sluice }

  /// A drain has begun: whoever can move on by itself is told when.
  func hint(_ stream: StreamID, in delay: Duration) {
    if isSluice(stream) { sluice.hint(stream, in: delay) }
  }

  /// A drain is about to close it.
  func farewell(_ stream: StreamID) {
    if isSluice(stream) { return }
    switch sockets[stream].hall {
    case .chat: chat.farewell(stream)
    case .ws, .clients, .tasks: return
    }
  }

  /// What the bus wants done, with our own socket that asked for it and its place in the stream. It can come twice.
  func act(_ message: BusEntry, _ own: StreamID?, at place: EntryID?) {
    switch message.kind {
    // Without a place it is known to this worker alone.
    case .claim(let name):
      clients.settle(name, own: own, reason: ClientsHall.replaced, isAlone: place == nil)
    case .close(let name): clients.settle(name, own: nil, reason: "disconnected")
    case .joins(let name, let group): clients.joins(name, group, at: place)
    case .parts(let name, let group): clients.parts(name, group, at: place)
    case .presence(let channel, joined: false):
      if let session = message.from { sluice.left(session, channel) }
    case .broadcast, .hall, .direct, .group, .task, .presence, .answer: return
    }
  }
}
