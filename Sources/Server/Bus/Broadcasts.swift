import Bytes
import EventLoop
import FleetState
import JSONText
import RedisClient
import WireProtocol

/// `POST /broadcast`: durable first, then counted over the workers of this host, then answered.
final class Broadcasts {
  private struct Pending {
    let stream: StreamID
    var id: String?
    var total = 0
    var failed = 0
    var workers = 0
    let expected: Int
    let timer: TimerID
    /// Where the answer is kept for whoever asks for the same once more.
    let onceKey: String?
  }

  var complete: ((StreamID, Response) -> Void)?

  private let publisher: Publisher
  private let redis: Redis
  private let keys: RedisKeys
  private let board: Board
  private let loop: EventLoop
  private var pending: [UInt64: Pending] = [:]
  private var number: UInt64 = 0

  /// A worker that has not told its sockets by then is left out of the figures.
  private static let patience = Duration.seconds(2)
  private static let mostPending = 1024

  init(_ publisher: Publisher, redis: Redis, keys: RedisKeys, board: Board, loop: EventLoop) {
    self.publisher = publisher
    self.redis = redis
    self.keys = keys
    self.board = board
    self.loop = loop
  }

  func take(_ request: Request, _ stream: StreamID) -> Desk.Reply {
    let wanted: Wanted
    do throws(Wanted.Refusal) { wanted = try Wanted(request.body.span) } catch {
      return .now(.problem(.unprocessableContent, error.reason))
    }
    if pending.count >= Self.mostPending { return .now(Self.busy("too many broadcasts are under way")) }
    number += 1
    let request = number
    let timer = loop.after(Self.patience) { [weak self] in self?.finish(request) }
    let onceKey = wanted.idempotencyKey.map { keys.broadcast($0) }
    pending[request] = Pending(stream: stream, expected: serving, timer: timer, onceKey: onceKey)
    let entry = BusEntry(.broadcast(wanted.halls), form: wanted.form, except: wanted.exclude)
    if let onceKey {
      publisher.announce(entry, wanted.text, request: request, once: onceKey) { [weak self] answer in
        switch answer {
        case .success(.known(let text)): self?.repeated(request, text)
        case .success(.new(let id)): self?.added(request, .success(id))
        case .failure(let error): self?.added(request, .failure(error))
        }
      }
    } else {
      publisher.announce(entry, wanted.text.utf8.span, request: request) { [weak self] answer in
        self?.added(request, answer)
      }
    }
    return .later
  }

  /// It was said before: the answer is that of the first time. While that one's figures are not known, they are `null`.
  private func repeated(_ request: UInt64, _ known: String) {
    guard let waiting = pending.removeValue(forKey: request) else { return }
    loop.cancel(waiting.timer)
    let text =
      known.hasPrefix("{")
      ? known
      : "{\"id\": \"\(known)\", \"total\": null, \"succeeded\": null, \"failed\": null, \"workers\": null}"
    complete?(waiting.stream, .typed("application/json", .ok, Array(text.utf8)))
  }

  /// One worker's part, this one's own included.
  func told(_ request: UInt64, total: Int, failed: Int) {
    pending[request]?.total += total
    pending[request]?.failed += failed
    pending[request]?.workers += 1
    finishIfComplete(request)
  }

  private var serving: Int {
    (0..<board.slotCount).count { board[$0].state == .serving || board[$0].state == .draining }
  }

  private func added(_ request: UInt64, _ answer: Result<String, RedisError>) {
    switch answer {
    case .success(let id):
      pending[request]?.id = id
      finishIfComplete(request)
    case .failure(let error):
      guard let waiting = pending.removeValue(forKey: request) else { return }
      loop.cancel(waiting.timer)
      complete?(waiting.stream, Self.busy("not sent: \(error)"))
    }
  }

  private func finishIfComplete(_ request: UInt64) {
    if let waiting = pending[request], waiting.id != nil, waiting.workers >= waiting.expected {
      finish(request)
    }
  }

  private func finish(_ request: UInt64) {
    guard let waiting = pending.removeValue(forKey: request) else { return }
    loop.cancel(waiting.timer)
    guard let id = waiting.id else {
      complete?(waiting.stream, Self.busy("Redis has not taken it in time"))
      return
    }
    let succeeded = waiting.total - waiting.failed
    let text =
      "{\"id\": \"\(id)\", \"total\": \(waiting.total), \"succeeded\": \(succeeded), "
      + "\"failed\": \(waiting.failed), \"workers\": \(waiting.workers)}"
    let response = Response.typed("application/json", .ok, Array(text.utf8))
    guard let onceKey = waiting.onceKey else { return complete?(waiting.stream, response) ?? () }
    // Whoever has the answer finds it again.
    redis.send("SET", onceKey, text, "XX", "KEEPTTL") { [weak self] _ in
      self?.complete?(waiting.stream, response)
    }
  }

  private static func busy(_ reason: String) -> Response {
    .problem(.serviceUnavailable, reason).retrying(after: 2)
  }
}
