import Bytes
import EventLoop
import FleetState
import RedisClient

/// The tasks in Redis: what can be asked of them, each in one step.
///
/// In: what is to happen. Out: an answer for each. It keeps nothing itself, so that any worker of any host may do the
/// next step.
final class TaskQueue {
  /// One task a worker has been given, by its entry in the stream.
  struct Entry: Hashable {
    let id: EntryID
    let task: Name
    let attempt: Int
    /// Who is told of it beside those who watch it.
    let client: ClientID?
  }

  enum Acceptance {
    /// Not new: the caller's key has led to it before.
    case accepted(Name, isNew: Bool)
    case full
    case failed(RedisError)
  }

  enum Beginning {
    /// Its record, and Redis' clock.
    case begun(TaskRecord, now: Int64)
    /// Over, or another's.
    case nothing
    case failed(RedisError)
  }

  enum Settling {
    case settled
    /// Another worker has it.
    case lost
    case failed(RedisError)
  }

  /// What follows for a task that one attempt has ended.
  struct Ending {
    var verdict: Verdict
    /// Nil: nothing that anyone is told has changed.
    var event: TaskEvent?
    /// A word for the bus that leaves with the step: head and payload.
    var effect: (head: String, payload: String)?

    enum Verdict: Equatable {
      case done, dead
      /// It comes back after so many milliseconds, as this attempt.
      case later(Int64, attempt: Int)
      /// Somebody else is to go on at once.
      case back(attempt: Int)
    }
  }

  /// Tasks that are not over: beyond that, new ones are turned away.
  private static let mostUnfinished = 100_000
  /// How long one that is over can still be asked for, and an idempotency key leads to its task.
  private static let memory = Duration.seconds(86_400)
  private static let memoryOfDead = Duration.seconds(7 * 86_400)
  private static let promotedAtOnce = 256
  /// Far beyond any of ours: whoever reaches our Redis may have written it.
  private static let mostAttempts = 1_000_000

  /// The consumer group of all workers of the fleet. The scripts name it, too.
  static let group = "workers"

  /// A worker slot's name in it: whoever serves the slot next finds there what the one before was at.
  let consumer: String
  private let redis: Redis
  private let keys: RedisKeys

  init(_ redis: Redis, keys: RedisKeys, host: Name, slot: Int) {
    self.redis = redis
    self.keys = keys
    consumer = "\(host):\(slot)"
  }

  /// Redis takes commands.
  var isReady: Bool { redis.isReady }

  // MARK: From outside

  func accept(_ record: TaskRecord, _ request: TaskRequest, then answer: @escaping (Acceptance) -> Void) {
    let words = record.fields(of: request.work).list.flatMap { [$0.name, $0.value] }
    let key = request.idempotencyKey.map { keys.taskKey($0) }
    TaskScripts.enqueue.run(
      on: redis,
      keys: [
        keys.task(record.id), keys.tasks, keys.tasksLater, keys.tasksAll, key ?? keys.task(record.id),
        keys.bus(0),
      ],
      [
        record.id.text, "\(request.delay)", "\(Self.mostUnfinished)", key == nil ? "0" : "1",
        "\(Self.memory.wholeMilliseconds)", record.client?.text ?? "", "\(words.count)",
      ] + words + TaskAnnouncement.words(record.last, client: record.client)
    ) { result in
      switch result {
      case .failure(let error): answer(.failed(error))
      case .success(let value):
        // Whatever else it says, no task of that name is there.
        let id = value.elements.count > 1 ? value.elements[1].text.flatMap { Name($0) } : nil
        answer(id.map { .accepted($0, isNew: value.elements[0].text == "new") } ?? .full)
      }
    }
  }

  /// Nil for none of that name.
  func record(_ id: Name, then answer: @escaping (Result<TaskRecord?, RedisError>) -> Void) {
    redis.send(["HMGET", keys.task(id)] + TaskRecord.shown) { result in
      answer(result.map { TaskRecord(id, shown: $0.elements.map(\.text)) })
    }
  }

  /// How it stands, and the last entry of the bus at that moment.
  func look(_ id: Name, then answer: @escaping (TaskRecord?, EntryID) -> Void) {
    TaskScripts.look.run(on: redis, keys: [keys.task(id), keys.bus(0)], TaskRecord.shown) { result in
      guard case .success(let value) = result, value.elements.count == 2 else { return }
      let place = value.elements[1].text.flatMap { EntryID($0) }
      answer(TaskRecord(id, shown: value.elements[0].elements.map(\.text)), place ?? .zero)
    }
  }

  /// The newest ones, or the newest that nobody will try again.
  func newest(
    _ count: Int, dead: Bool, then answer: @escaping (Result<[TaskRecord], RedisError>) -> Void
  ) {
    let words =
      dead
      ? ["XREVRANGE", keys.tasksDead, "+", "-", "COUNT", "\(count)"]
      : ["ZREVRANGE", keys.tasksAll, "0", "\(count - 1)"]
    redis.send(words) { [self] result in
      switch result {
      case .failure(let error): answer(.failure(error))
      case .success(let value):
        let names =
          dead
          ? value.entries.compactMap { entry in entry.fields.first { $0.0 == "task" }?.1 }
          : value.elements.compactMap(\.text)
        records(of: names.compactMap { Name($0) }, then: answer)
      }
    }
  }

  /// Answers come in order, so the last one tells that all are there.
  private func records(
    of names: [Name], then answer: @escaping (Result<[TaskRecord], RedisError>) -> Void
  ) {
    if names.isEmpty { return answer(.success([])) }
    var found: [TaskRecord] = []
    for (index, name) in names.enumerated() {
      record(name) { result in
        if case .success(let record?) = result { found.append(record) }
        if index < names.count - 1 { return }
        answer(result.map { _ in found })
      }
    }
  }

  /// How many are not over.
  func length(then answer: @escaping (Result<Int, RedisError>) -> Void) {
    redis.send("ZCARD", keys.tasksLater) { [self] later in
      redis.send("XLEN", keys.tasks) { waiting in
        answer(
          later.flatMap { later in waiting.map { Int(clamping: ($0.integer ?? 0) &+ (later.integer ?? 0)) } })
      }
    }
  }

  // MARK: For a worker

  func begin(_ entry: Entry, at now: Int64, then answer: @escaping (Beginning) -> Void) {
    let event = TaskEvent(entry.task, .running, attempt: entry.attempt, at: now)
    TaskScripts.start.run(
      on: redis, keys: [keys.task(entry.task), keys.tasks, keys.bus(0)],
      [entry.id.description, consumer, "\(entry.attempt)", "\(now)"]
        + TaskAnnouncement.words(event, client: entry.client)
    ) { result in
      switch result {
      case .failure(let error): answer(.failed(error))
      case .success(let value):
        let parts = value.elements
        guard parts.count == 3, let record = TaskRecord(entry.task, Fields(parts[2].pairs)) else {
          return answer(.nothing)
        }
        answer(.begun(record, now: parts[1].integer ?? 0))
      }
    }
  }

  func settle(_ entry: Entry, _ ending: Ending, then answer: @escaping (Settling) -> Void) {
    let words = ending.event.map { TaskRecord.fields(of: $0).list.flatMap { [$0.name, $0.value] } } ?? []
    let (follows, milliseconds, attempt) = Self.words(ending.verdict)
    TaskScripts.settle.run(
      on: redis,
      keys: [keys.task(entry.task), keys.tasks, keys.tasksLater, keys.tasksDead, keys.bus(0)],
      [
        entry.id.description, consumer, entry.task.text, follows, "\(milliseconds)", "\(attempt)",
        entry.client?.text ?? "", ending.effect?.head ?? "", ending.effect?.payload ?? "", "\(words.count)",
      ] + words + (ending.event.map { TaskAnnouncement.words($0, client: entry.client) } ?? [])
    ) { result in
      switch result {
      // Redis has lost its data: there is nothing to settle any more.
      case .failure(.refused(let refusal)) where refusal.code == "NOGROUP": answer(.lost)
      case .failure(let error): answer(.failed(error))
      case .success(let value): answer(value.integer == 1 ? .settled : .lost)
      }
    }
  }

  private static func words(_ verdict: Ending.Verdict) -> (String, Int64, Int) {
    switch verdict {
    case .done: ("done", memory.wholeMilliseconds, 0)
    case .dead: ("dead", memoryOfDead.wholeMilliseconds, 0)
    case .later(let milliseconds, let attempt): ("later", milliseconds, attempt)
    case .back(let attempt): ("back", 0, attempt)
    }
  }

  /// What is due joins the queue; tells how long until the next, and how many are not over.
  func promote(then answer: @escaping (_ next: Duration?, _ unfinished: Int) -> Void) {
    TaskScripts.promote.run(on: redis, keys: [keys.tasksLater, keys.tasks], ["\(Self.promotedAtOnce)"]) {
      result in
      guard case .success(let value) = result, value.elements.count == 2 else { return }
      let wait = value.elements[0].integer ?? -1
      answer(wait < 0 ? nil : .milliseconds(wait), Int(clamping: value.elements[1].integer ?? 0))
    }
  }

  /// Tells which of them are another's by now.
  func renew(_ entries: [Entry], then answer: @escaping ([EntryID]) -> Void) {
    let names = entries.map(\.id.description)
    TaskScripts.renew.run(on: redis, keys: [keys.tasks], [consumer] + names) { result in
      guard case .success(let value) = result else { return }
      answer(value.elements.compactMap { $0.text.flatMap { EntryID($0) } })
    }
  }

  /// What a dead worker had, if it has not shown itself for `lease`.
  func claim(atMost count: Int, after lease: Duration, then answer: @escaping ([Entry]) -> Void) {
    redis.send(
      "XAUTOCLAIM", keys.tasks, Self.group, consumer, "\(lease.wholeMilliseconds)", "0-0", "COUNT", "\(count)"
    ) { [self] result in
      guard case .success(let value) = result, value.elements.count > 1 else { return }
      answer(entries(value.elements[1]))
    }
  }

  func retire() { retire(from: Self.group, of: keys.tasks) }

  func retire(from group: String, of stream: String) {
    TaskScripts.retire.run(on: redis, keys: [stream], [group, consumer]) { _ in }
  }

  /// Those a worker was given. What is no task of ours is taken off the queue, or it would come back for ever.
  func entries(_ list: RedisValue) -> [Entry] {
    list.entries.compactMap { entry in
      let fields = Fields(entry.fields)
      if let task = fields.name("task") {
        return Entry(
          id: entry.id, task: task, attempt: min(max(1, fields.count("attempt")), Self.mostAttempts),
          client: fields.client)
      }
      redis.send("XACK", keys.tasks, Self.group, entry.id.description)
      redis.send("XDEL", keys.tasks, entry.id.description)
      return nil
    }
  }
}
