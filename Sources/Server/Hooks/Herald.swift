import Bytes
import EventLoop
import FleetState
import JSONText
import RedisClient

/// Makes a webhook task of each coming and going that is to be told to somebody.
///
/// In: entries of the stream `lifecycle`, which the workers of the fleet share as one consumer group. Out: tasks, each
/// once, for its key is the event's id. An entry is acknowledged when Redis has its task, so that whoever serves the slot
/// next goes on with it; while the queue is full, entries wait in the stream.
final class Herald {
  private let loop: EventLoop
  private let board: Board
  private let slot: Int
  private let redis: Redis
  private let queue: TaskQueue
  private let key: String
  private let terms: HookTerms
  private var stops: [() -> Void] = []
  private var random = SystemRandomNumberGenerator()
  private var hasGroup = false
  /// What the slot was given and has not acknowledged comes first.
  private var readsOwn = true
  private var underWay = 0
  private var hasMore = false
  /// Which of its lives asks: answers to an earlier one are nobody's.
  private var life = 0

  private static let group = "hooks"
  private static let every = Duration.milliseconds(200)
  private static let claimEvery = Duration.seconds(5)
  private static let lease = Duration.seconds(10)
  private static let atOnce = 64

  init?(_ sockets: Sockets, redis: Redis, queue: TaskQueue, key: String, terms: HookTerms) {
    guard terms.hasWebhooks else { return nil }
    loop = sockets.loop
    board = sockets.board
    slot = sockets.slot
    self.redis = redis
    self.queue = queue
    self.key = key
    self.terms = terms
  }

  func open() {
    guard stops.isEmpty else { return }
    (hasGroup, readsOwn, underWay, hasMore) = (false, true, 0, false)
    stops = [
      loop.every(Self.every) { [unowned self] in look() },
      loop.every(Self.claimEvery) { [unowned self] in claim() },
    ]
  }

  /// Another process goes on.
  func close() {
    for stop in stops { stop() }
    stops = []
    life += 1
  }

  /// The slot ends.
  func finish() {
    close()
    queue.retire(from: Self.group, of: key)
  }

  private func look() {
    guard redis.isReady, underWay == 0 else { return }
    if !hasGroup { return join() }
    let group = ["GROUP", Self.group, queue.consumer, "COUNT", "\(Self.atOnce)"]
    ask(["XREADGROUP"] + group + ["STREAMS", key, readsOwn ? "0" : ">"]) { [unowned self] value in
      let entries = value.elements.first?.elements.last?.entries ?? []
      // There may be more where these come from, of our own or new.
      hasMore = readsOwn || !entries.isEmpty
      readsOwn = readsOwn && !entries.isEmpty
      for entry in entries { tell(entry.id, Fields(entry.fields)) }
    }
  }

  /// The group has to be there; who makes it does not matter.
  private func join() {
    ask(["XGROUP", "CREATE", key, Self.group, "0", "MKSTREAM"]) { [unowned self] _ in hasGroup = true }
  }

  /// What a host had that is gone altogether.
  private func claim() {
    guard redis.isReady, hasGroup else { return }
    ask([
      "XAUTOCLAIM", key, Self.group, queue.consumer, "\(Self.lease.wholeMilliseconds)", "0-0", "COUNT",
      "\(Self.atOnce)",
    ]) { [unowned self] value in
      if value.elements.count > 1, !value.elements[1].elements.isEmpty { readsOwn = true }
    }
  }

  private func ask(_ words: [String], then take: @escaping (RedisValue) -> Void) {
    underWay += 1
    redis.send(words) { [weak self, life] answer in
      guard let self, life == self.life else { return }
      defer { ended() }
      switch answer {
      case .success(let value): take(value)
      case .failure(.refused(let refusal)) where refusal.code == "BUSYGROUP": hasGroup = true
      // Redis may have lost the group with its data.
      case .failure: hasGroup = false
      }
    }
  }

  private func tell(_ id: EntryID, _ fields: Fields) {
    guard let event = LifecycleEvent(fields), let url = terms.url(for: event),
      let request = try? TaskRequest(Self.body(event, to: url).utf8.span)
    else { return acknowledge(id) }
    let record = TaskRecord(TaskID.make(using: &random), request, at: WallClock.unixMilliseconds)
    underWay += 1
    queue.accept(record, request) { [weak self, life] acceptance in
      guard let self, life == self.life else { return }
      defer { ended() }
      switch acceptance {
      case .accepted(_, let isNew):
        if isNew { board[slot].tasks.accepted &+= 1 }
        acknowledge(id)
      case .full, .failed: (readsOwn, hasMore) = (true, false)
      }
    }
  }

  private func ended() {
    underWay -= 1
    if underWay > 0 || !hasMore { return }
    hasMore = false
    look()
  }

  private func acknowledge(_ id: EntryID) {
    redis.send("XACK", key, Self.group, id.description)
  }

  private static func body(_ event: LifecycleEvent, to url: WebhookURL) -> String {
    var json = JSONWriter()
    json.beginObject()
    json.member("kind", "webhook")
    json.name("payload")
    json.beginObject()
    json.member("url", url.text)
    json.name("body")
    event.write(to: &json)
    json.endObject()
    json.member("idempotency_key", "lifecycle-\(event.host)-\(event.id)")
    json.endObject()
    return json.text
  }
}
