import Bytes
import EventLoop
import FleetState
import WireProtocol

/// The hall `tasks`: a socket is told how its task stands, then each change; or each change of every task.
///
/// Changes come over the bus. How it stands is asked of Redis together with the place in the bus where that was so: up
/// to there a change is no news, behind it each one is told. Until that is known the socket is told nothing, and its
/// record says so, so that whoever serves it next asks again.
final class TasksHall {
  private let sockets: Sockets
  private let bus: Bus
  private let queue: TaskQueue
  private var rendering = Rendering()
  /// Those for whom it is being looked up how their task stands.
  private var looking: Set<StreamID> = []

  init(_ sockets: Sockets, bus: Bus, queue: TaskQueue) {
    self.sockets = sockets
    self.bus = bus
    self.queue = queue
  }

  /// What a socket joins that asks for one task, or for all.
  static func membership(of task: Name?) -> Membership {
    task.map { Membership(AudienceKey(task: $0), $0.text) } ?? Membership(.everyTask, "")
  }

  /// The handshake is done. Belongs in a change of the stream.
  func came(_ stream: StreamID) {
    guard task(of: stream) != nil else { return }
    // One of `sluice.v1` has a place in the stream that is its own affair, and knows an event by its offset.
    if sockets[stream].dress != .sluice {
      sockets[stream].course = .ahead
      sockets[stream].place = .last
    }
    look(stream)
  }

  /// Redis takes commands (again), or the sockets are another process': who waits to be told is told.
  func lookAgain() {
    let unanswered = looking.filter { sockets.isTalking($0) && !isWaiting($0) }
    looking.removeAll()
    for stream in unanswered { look(stream) }
    for seat in 0..<sockets.population(of: .tasks) {
      guard let stream = sockets.seat(seat, of: .tasks), isWaiting(stream) else { continue }
      look(stream)
    }
  }

  private func task(of stream: StreamID) -> Name? {
    sockets.joined(by: stream).lazy.compactMap { joined in
      Name(joined.name).flatMap { joined.key == AudienceKey(task: $0) ? $0 : nil }
    }.first
  }

  func isLooking(_ stream: StreamID) -> Bool { looking.contains(stream) }

  private func isWaiting(_ stream: StreamID) -> Bool {
    sockets[stream].course == .ahead && sockets[stream].place == .last
  }

  /// Without an answer it waits for `lookAgain`.
  private func look(_ stream: StreamID) {
    guard let task = task(of: stream) else { return }
    looking.insert(stream)
    queue.look(task) { [weak self] record, place in self?.found(record, place, stream) }
  }

  private func found(_ record: TaskRecord?, _ place: EntryID, _ stream: StreamID) {
    looking.remove(stream)
    guard !sockets.isSuspended, sockets.isTalking(stream) else { return }
    let isSluice = sockets[stream].dress == .sluice
    guard isWaiting(stream) || isSluice else { return }
    guard let record else { return sockets.close(stream, .policyViolation, "there is no such task") }
    // Something behind that place has been told while we asked, and this socket has not heard it.
    if !isSluice, let told = bus.place, told > place { return look(stream) }
    let event = Array(record.last.json.utf8)
    sockets.table.change(stream) {
      let entry = BusEntry(.task(record.id), form: .json)
      rendering.render(entry, event.span, id: nil, as: sockets[stream].dress) {
        sockets.say(.text, "", $0, to: stream)
      }
      if !isSluice { sockets[stream].place = place }
    }
  }
}
