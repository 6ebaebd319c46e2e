import Bytes
import EventLoop
import FleetState
import RedisClient
import WireProtocol

/// Messages to one client or group, answered with the truth: whether a socket has been given it, on whichever worker
/// of whichever host.
///
/// Redis knows who should hear it; the message goes over the bus, and every worker that had somebody to tell says how
/// many.
final class Deliveries {
  private enum Recipient {
    case client(ClientID)
    case group(Name, members: Int64)
  }

  private struct Pending {
    let stream: StreamID
    let recipient: Recipient
    /// Sockets that hold those names.
    let expected: Int64
    var told: Int64 = 0
    var id: String?
    var looks = 0
    var timer: TimerID?
  }

  var complete: ((StreamID, Response) -> Void)?

  private let publisher: Publisher
  private let directory: Directory
  private let loop: EventLoop
  private var pending: [UInt64: Pending] = [:]
  private var number: UInt64 = 0

  /// A worker that takes longer is looked after: does the client still have a socket?
  private static let lookEvery = Duration.milliseconds(250)
  private static let mostLooks = 12
  private static let mostPending = 1024

  init(_ publisher: Publisher, directory: Directory, loop: EventLoop) {
    self.publisher = publisher
    self.directory = directory
    self.loop = loop
  }

  func send(_ message: Wanted, to client: ClientID, for stream: StreamID) -> Desk.Reply {
    if isFull { return .now(Self.busy) }
    directory.locate(client) { [weak self] answer in
      switch answer {
      case .success(nil): self?.complete?(stream, .json("{\"delivered\": false}"))
      case .success:
        self?.publish(
          message, .direct(to: client), Pending(stream: stream, recipient: .client(client), expected: 1))
      case .failure(let error): self?.complete?(stream, .unavailable(error))
      }
    }
    return .later
  }

  func send(_ message: Wanted, to group: Name, for stream: StreamID) -> Desk.Reply {
    if isFull { return .now(Self.busy) }
    directory.reach(of: group) { [weak self] answer in
      switch answer {
      case .success(let reach) where reach.members == 0:
        self?.complete?(stream, .problem(.notFound, "there is no group of that name"))
      case .success(let reach):
        self?.publish(
          message, .group(group),
          Pending(stream: stream, recipient: .group(group, members: reach.members), expected: reach.sockets))
      case .failure(let error): self?.complete?(stream, .unavailable(error))
      }
    }
    return .later
  }

  /// Some worker has told so many sockets.
  func told(_ request: UInt64, _ count: Int) {
    pending[request]?.told += Int64(count)
    finishIfComplete(request)
  }

  private var isFull: Bool { pending.count >= Self.mostPending }

  private func publish(_ message: Wanted, _ kind: BusEntry.Kind, _ delivery: Pending) {
    number += 1
    let request = number
    pending[request] = delivery
    lookLater(request)
    publisher.announce(BusEntry(kind, form: message.form), message.text.utf8.span, request: request) {
      [weak self] answer in
      switch answer {
      case .success(let id):
        self?.pending[request]?.id = id
        self?.finishIfComplete(request)
      case .failure(let error): self?.finish(request, .unavailable(error))
      }
    }
  }

  private func finishIfComplete(_ request: UInt64) {
    guard let delivery = pending[request], let id = delivery.id, delivery.told >= delivery.expected else {
      return
    }
    finish(request, Self.answer(delivery, id))
  }

  private func lookLater(_ request: UInt64) {
    pending[request]?.timer = loop.after(Self.lookEvery) { [weak self] in self?.look(request) }
  }

  /// Nobody has told it yet.
  private func look(_ request: UInt64) {
    pending[request]?.timer = nil
    pending[request]?.looks += 1
    guard let delivery = pending[request] else { return }
    guard delivery.looks < Self.mostLooks, let id = delivery.id else { return giveUp(request, delivery) }
    guard case .client(let client) = delivery.recipient else { return lookLater(request) }
    directory.locate(client) { [weak self] answer in
      guard let self, let delivery = pending[request] else { return }
      // It left before the message came. One look more, for an answer that is on its way.
      if case .success(nil) = answer, delivery.looks > 1 { return finish(request, Self.answer(delivery, id)) }
      lookLater(request)
    }
  }

  private func giveUp(_ request: UInt64, _ delivery: Pending) {
    switch delivery.recipient {
    case .group: finish(request, delivery.id.map { Self.answer(delivery, $0) } ?? Self.unknown)
    case .client: finish(request, Self.unknown)
    }
  }

  private func finish(_ request: UInt64, _ response: Response) {
    guard let delivery = pending.removeValue(forKey: request) else { return }
    if let timer = delivery.timer { loop.cancel(timer) }
    complete?(delivery.stream, response)
  }

  private static func answer(_ delivery: Pending, _ id: String) -> Response {
    switch delivery.recipient {
    case .client: .json("{\"delivered\": \(delivery.told > 0)}")
    case .group(let group, let members):
      .json(
        "{\"id\": \"\(id)\", \"group\": \"\(group)\", \"members\": \(members), \"delivered\": \(delivery.told)}"
      )
    }
  }

  private static var unknown: Response {
    .problem(.serviceUnavailable, "its worker has not said whether it arrived; it may still").retrying(
      after: 2)
  }

  private static var busy: Response {
    .problem(.serviceUnavailable, "too many messages are under way").retrying(after: 2)
  }
}
