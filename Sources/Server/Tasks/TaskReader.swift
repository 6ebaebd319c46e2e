import EventLoop
import FleetState
import RedisClient

/// A worker slot's ear at the queue, on a connection of its own, which may block.
///
/// First it hears what the slot was at when its last process ended, then what is new, never more than there is room
/// for.
final class TaskReader {
  var onEntries: (([TaskQueue.Entry]) -> Void)?
  /// How many more may come now.
  var room: (() -> Int)?

  private let loop: EventLoop
  private let queue: TaskQueue
  private let key: String
  /// Of a slot at a time.
  private let most: Int
  private let log: Log
  private let connect: () -> Redis
  private var redis: Redis?
  private var hasGroup = false
  private var hasOwn = false
  private var isAsking = false
  private(set) var isResting = false

  /// What Redis has refused, so that it is said once.
  private var refusal: RedisRefusal?

  private static let longestBlock = Duration.seconds(1)
  private static let refusalPause = Duration.seconds(1)

  init(
    _ loop: EventLoop, queue: TaskQueue, key: String, most: Int, log: Log, connect: @escaping () -> Redis
  ) {
    self.loop = loop
    self.queue = queue
    self.key = key
    self.most = most
    self.log = log
    self.connect = connect
  }

  func open(resting: Bool) {
    isResting = resting
    let redis = connect()
    redis.onReady = { [unowned self] in
      hasGroup = false
      isAsking = false
      ask()
    }
    self.redis = redis
    redis.open()
  }

  func close() {
    let old = redis
    redis = nil
    old?.close()
  }

  /// Nothing new is asked for; what was asked for before may still come.
  func rest() { isResting = true }

  /// There may be room again.
  func wake() {
    isResting = false
    ask()
  }

  /// There is more room than before.
  func roomGrew() { ask() }

  /// Something that was ours may not have been begun.
  func hearOwnAgain() {
    hasOwn = false
    ask()
  }

  private func ask() {
    guard let redis, redis.isReady, !isAsking, !isResting else { return }
    if !hasGroup { return join(redis) }
    guard let room = room?(), room > 0 else { return }
    let isOwn = !hasOwn
    hasOwn = true
    // What is under way is among our own, and is passed over.
    let count = isOwn ? most : room
    let command = ["XREADGROUP", "GROUP", TaskQueue.group, queue.consumer, "COUNT", "\(count)"]
    let block = isOwn ? [] : ["BLOCK", "\(Self.longestBlock.wholeMilliseconds)"]
    send(command + block + ["STREAMS", key, isOwn ? "0" : ">"]) { [unowned self] value in
      let streams = value.elements
      if let entries = streams.first?.elements, entries.count == 2 { onEntries?(queue.entries(entries[1])) }
      ask()
    }
  }

  /// The group has to be there; who makes it does not matter.
  private func join(_ redis: Redis) {
    hasOwn = false
    isAsking = true
    redis.send("XGROUP", "CREATE", key, TaskQueue.group, "0", "MKSTREAM") { [unowned self] answer in
      guard redis === self.redis else { return }
      isAsking = false
      switch answer {
      case .success: hasGroup = true
      case .failure(.refused(let refusal)) where refusal.code == "BUSYGROUP": hasGroup = true
      case .failure(let error): return rejoin(error)
      }
      ask()
    }
  }

  private func send(_ words: [String], then take: @escaping (RedisValue) -> Void) {
    guard let redis else { return }
    isAsking = true
    redis.send(words) { [unowned self] answer in
      guard redis === self.redis else { return }
      isAsking = false
      switch answer {
      case .success(let value): take(value)
      // Redis may have lost the group with its data.
      case .failure(let error): rejoin(error)
      }
    }
  }

  private func rejoin(_ error: RedisError) {
    hasGroup = false
    if case .refused(let refusal) = error, refusal != self.refusal {
      self.refusal = refusal
      log.warning("tasks wait: redis refuses to give them: \(refusal)", event: "tasks_refused")
    }
    loop.after(Self.refusalPause) { [weak self] in self?.ask() }
  }
}
