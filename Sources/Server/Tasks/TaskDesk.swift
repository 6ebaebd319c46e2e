import EventLoop
import FleetState
import JSONText
import RedisClient
import WireProtocol

/// The HTTP routes of tasks: what is asked for becomes durable, then it is answered.
final class TaskDesk {
  enum Ask: Equatable {
    case create, list, length
    case one(String)

    /// Whether it changes something, or shows what others have asked for.
    var isGuarded: Bool {
      switch self {
      case .create, .list: true
      case .one, .length: false
      }
    }
  }

  var complete: ((StreamID, Response) -> Void)?
  /// Whether a drain of this host is on.
  var isDraining: () -> Bool = { false }

  private let queue: TaskQueue
  private let board: Board
  private let slot: Int
  private let terms: TaskRunner.Terms
  private var random = SystemRandomNumberGenerator()

  private static let standardCount = 50
  private static let mostListed = 200
  /// How far back a list of one status is looked for.
  private static let mostSearched = 500

  init(_ queue: TaskQueue, board: Board, slot: Int, terms: TaskRunner.Terms) {
    self.queue = queue
    self.board = board
    self.slot = slot
    self.terms = terms
  }

  func take(_ ask: Ask, _ request: Request, _ stream: StreamID) -> Desk.Reply {
    switch ask {
    case .create: return create(request, stream)
    case .list: return list(request, stream)
    case .length:
      queue.length { [weak self] in
        self?.answer(stream, $0) { length, json in json.member("task_lenth", length) }
      }
    case .one(let name):
      guard let id = Name(name) else { return .now(Self.unknown) }
      queue.record(id) { [weak self] in self?.show($0, to: stream) }
    }
    return .later
  }

  // MARK: Creating

  private func create(_ request: Request, _ stream: StreamID) -> Desk.Reply {
    if isDraining() {
      return .now(turnAway("this host is shutting down; another one of the fleet takes tasks"))
    }
    let wanted: TaskRequest
    do throws(TaskRefusal) {
      wanted = try TaskRequest(request.body.span, configured: terms.configured)
      try check(wanted.work)
    } catch {
      return .now(.problem(.unprocessableContent, error.reason))
    }
    let record = TaskRecord(TaskID.make(using: &random), wanted, at: WallClock.unixMilliseconds)
    queue.accept(record, wanted) { [weak self] in self?.accepted($0, stream) }
    return .later
  }

  /// What no host with these settings could ever do is refused at once.
  private func check(_ work: TaskWork) throws(TaskRefusal) {
    guard case .webhook(let url, _) = work, terms.allowance.address(of: url) == nil else { return }
    throw TaskRefusal(
      terms.allowance.isEmpty
        ? "webhooks are off: this server has no webhook_allow"
        : "webhook_allow does not have this host and port")
  }

  private func accepted(_ acceptance: TaskQueue.Acceptance, _ stream: StreamID) {
    switch acceptance {
    case .accepted(let id, let isNew):
      if isNew { board[slot].tasks.accepted &+= 1 }
      var json = JSONWriter(style: .spaced)
      json.beginObject()
      json.member("task_id", id.text)
      json.member("message", "Task \(id) Queued")
      json.endObject()
      complete?(stream, .json(.accepted, json.bytes))
    case .full: complete?(stream, turnAway("too many tasks wait already"))
    case .failed(let error): complete?(stream, turnAway("not known to be taken: \(error)"))
    }
  }

  private func turnAway(_ reason: String) -> Response {
    board[slot].tasks.turnedAway &+= 1
    return .problem(.serviceUnavailable, reason).retrying(after: 2)
  }

  // MARK: Showing

  private func show(_ result: Result<TaskRecord?, RedisError>, to stream: StreamID) {
    if case .success(nil) = result {
      complete?(stream, Self.unknown)
    } else {
      answer(stream, result.map { $0 }) { record, json in record?.writeMembers(to: &json) }
    }
  }

  private func list(_ request: Request, _ stream: StreamID) -> Desk.Reply {
    let status = request.target.first("status")
    let wanted = status.flatMap { TaskStatus(rawValue: $0) }
    if status != nil && wanted == nil {
      return .now(.problem(.unprocessableContent, "status is queued, running, retrying, done or failed"))
    }
    let limit = request.target.first("limit")
    let count = limit.map { Int($0) ?? 0 } ?? Self.standardCount
    guard (1...Self.mostListed).contains(count) else {
      return .now(.problem(.unprocessableContent, "limit is a number from 1 to \(Self.mostListed)"))
    }
    let isDead = wanted == .failed
    let searched = wanted == nil || isDead ? count : Self.mostSearched
    queue.newest(searched, dead: isDead) { [weak self] result in
      self?.answer(stream, result) { records, json in
        let shown = records.filter { wanted == nil || $0.last.status == wanted }.prefix(count)
        json.array("tasks") { list in
          for record in shown { record.write(to: &list) }
        }
      }
    }
    return .later
  }

  private func answer<Value>(
    _ stream: StreamID, _ result: Result<Value, RedisError>, _ body: (Value, inout JSONWriter) -> Void
  ) {
    switch result {
    case .failure(let error):
      complete?(stream, .unavailable(error))
    case .success(let value):
      var json = JSONWriter(style: .spaced)
      json.beginObject()
      body(value, &json)
      json.endObject()
      complete?(stream, .json(.ok, json.bytes))
    }
  }

  private static var unknown: Response { .problem(.notFound, "there is no such task") }
}
