import FleetState
import RedisClient

/// The fleet's tasks: Redis → counts and records.
final class TaskLists {
  typealias Answer = Result<(TaskBook.Count, [TaskRecord]), RedisError>

  private let redis: Redis
  private let keys: RedisKeys

  private static let newest = 100
  /// Of one status the newest are among these, as `GET /tasks` has it.
  private static let lookedThrough = 500

  init(_ redis: Redis, keys: RedisKeys) {
    self.redis = redis
    self.keys = keys
  }

  /// The newest ones, of one status or all.
  func read(_ status: TaskStatus?, then: @escaping (Answer) -> Void) {
    var count = TaskBook.Count()
    // Sent together and answered in order.
    redis.send("XLEN", keys.tasks) { count.queued = Self.number($0) }
    redis.send("ZCARD", keys.tasksLater) { count.later = Self.number($0) }
    redis.send("XLEN", keys.tasksDead) { count.dead = Self.number($0) }
    names(status) { [self] answer in
      switch answer {
      case .failure(let error): then(.failure(error))
      case .success(let names): records(names, status) { then(.success((count, $0))) }
      }
    }
  }

  private static func number(_ answer: Redis.Answer) -> Int {
    Int(clamping: max(0, (try? answer.get())?.integer ?? 0))
  }

  private func names(_ status: TaskStatus?, then: @escaping (Result<[Name], RedisError>) -> Void) {
    switch status {
    case .failed:
      redis.send("XREVRANGE", keys.tasksDead, "+", "-", "COUNT", "\(Self.newest)") { answer in
        then(answer.map { $0.entries.compactMap { Fields($0.fields).name("task") } })
      }
    case nil, .queued, .running, .retrying, .done:
      let most = status == nil ? Self.newest : Self.lookedThrough
      redis.send("ZREVRANGE", keys.tasksAll, "0", "\(most - 1)") { answer in
        then(answer.map { $0.elements.compactMap { $0.text.flatMap { Name($0) } } })
      }
    }
  }

  private func records(_ names: [Name], _ status: TaskStatus?, then: @escaping ([TaskRecord]) -> Void) {
    if names.isEmpty { return then([]) }
    var found: [TaskRecord] = []
    for (index, name) in names.enumerated() {
      redis.send(["HMGET", keys.task(name)] + TaskRecord.shown) { answer in
        if let record = (try? answer.get()).flatMap({ TaskRecord(name, shown: $0.elements.map(\.text)) }),
          status == nil || record.last.status == status, found.count < Self.newest
        {
          found.append(record)
        }
        if index == names.count - 1 { then(found) }
      }
    }
  }
}
