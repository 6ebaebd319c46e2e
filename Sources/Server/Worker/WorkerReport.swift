import EventLoop
import FleetState
import RedisClient

/// What the worker says of itself once a second: to the board, and under its leased key in Redis.
final class WorkerReport {
  private let sockets: Sockets
  private let redis: Redis
  private let host: Name
  private let key: String
  private let lease = Lease()
  private var stopRenewing: (() -> Void)?
  private var isPlanned = false
  private var health = RedisHealth.down

  init(_ sockets: Sockets, redis: Redis, keys: RedisKeys, host: Name) {
    self.sockets = sockets
    self.redis = redis
    self.host = host
    key = keys.worker(host, slot: sockets.slot)
  }

  func start() {
    stopRenewing = sockets.loop.every(lease.renewal) { [unowned self] in
      measure()
      send()
    }
  }

  /// Something changed that people are waiting to see.
  func soon() {
    if isPlanned { return }
    isPlanned = true
    sockets.loop.after(.milliseconds(100)) { [unowned self] in
      isPlanned = false
      if !sockets.isSuspended { send() }
    }
  }

  func noteHealth(_ health: RedisHealth) { self.health = health }

  func pause() {
    stopRenewing?()
    stopRenewing = nil
  }

  func finish(_ done: @escaping () -> Void) {
    pause()
    var isDone = false
    let end = {
      if isDone { return }
      isDone = true
      done()
    }
    guard redis.isReady else { return end() }
    redis.send("DEL", key) { _ in end() }
    sockets.loop.after(.milliseconds(500)) { end() }
  }

  /// Figures that have to be taken, not counted.
  private func measure() {
    let slot = sockets.slot
    sockets.board[slot].loopLagMicroseconds = sockets.loop.takeLongestTurn() / 1000
    sockets.board[slot].residentBytes = UInt64(Machine.residentBytes)
    sockets.board[slot].cpuMicroseconds = Machine.cpuNanoseconds / 1000
    sockets.noteTraffic()
  }

  func send() {
    guard redis.isReady else { return }
    redis.send(["HSET", key] + record.fields.list.flatMap { [$0.name, $0.value] })
    redis.send("PEXPIRE", key, "\(lease.milliseconds)")
  }

  private var record: WorkerRecord {
    var record = sockets.board[sockets.slot].record(host: host, slot: sockets.slot)
    record.redis = redis.health
    return record
  }
}
