import EventLoop
import FleetState
import JSONText
import RedisClient
import WireProtocol

/// `GET /status`: the whole fleet, read from Redis when somebody asks.
///
/// However many ask at once, Redis is asked once, and what it said is good for a quarter of a second. Without Redis
/// the host speaks for itself, from the board, and says so.
final class Status {
  var complete: ((StreamID, Response) -> Void)?

  private let loop: EventLoop
  private let redis: Redis
  private let keys: RedisKeys
  private let board: Board
  private let records: FleetRecords
  /// What this host was when Redis last told; without Redis, what changes comes from the board.
  private var own: HostRecord
  private var waiting: [StreamID] = []
  private var last: (response: Response, time: Moment)?
  private var round: UInt64 = 0
  private var timer: TimerID?

  private static let freshness: UInt64 = 250_000_000
  private static let patience = Duration.seconds(1)
  private static let mostWaiting = 1024

  init(
    _ loop: EventLoop, redis: Redis, keys: RedisKeys, board: Board, host: Name, mode: HostRecord.RedisMode
  ) {
    self.loop = loop
    self.redis = redis
    self.keys = keys
    self.board = board
    records = FleetRecords(redis, keys: keys)
    own = HostRecord(id: host)
    own.address = Machine.hostName
    own.build = Build.version
    own.workers = board.slotCount
    own.redis = mode
  }

  func take(_ stream: StreamID) -> Desk.Reply {
    if let last, loop.now.nanoseconds(since: last.time) < Self.freshness { return .now(last.response) }
    if !redis.isReady { return .now(keep(alone)) }
    if waiting.count >= Self.mostWaiting {
      return .now(Response.text(.serviceUnavailable, "Too many ask at once.\n").retrying(after: 1))
    }
    waiting.append(stream)
    if waiting.count == 1 { ask() }
    return .later
  }

  private func ask() {
    round &+= 1
    let asked = round
    timer = loop.after(Self.patience) { [weak self] in self?.finish(asked, nil) }
    records.read { [weak self] in self?.finish(asked, $0) }
  }

  private func finish(_ asked: UInt64, _ snapshot: Snapshot?) {
    // An answer that comes after its time has nobody waiting for it.
    guard asked == round, let timer else { return }
    loop.cancel(timer)
    self.timer = nil
    if let record = snapshot?.hosts.first(where: { $0.record.id == own.id })?.record { own = record }
    let response = keep(snapshot ?? alone)
    let asking = waiting
    waiting.removeAll(keepingCapacity: true)
    for stream in asking { complete?(stream, response) }
  }

  private func keep(_ snapshot: Snapshot) -> Response {
    var snapshot = snapshot
    // A Redis that is read may still refuse what the others ask of it.
    if board.redisHealth != .up { snapshot.redis = board.redisHealth }
    var body = JSONWriter(style: .pretty)
    snapshot.write(to: &body)
    var response = Response.json(.ok, body.bytes)
    response.fields.append(HeaderField("Cache-Control", "no-store"))
    last = (response, loop.now)
    return response
  }

  private var alone: Snapshot {
    let workers = (0..<board.slotCount).map { board[$0].record(host: own.id, slot: $0) }
    own.state = workers.contains { $0.state == .draining } ? .draining : .serving
    own.sockets = Int(clamping: board.sockets)
    own.totals = board.traffic
    own.crashes = Int(clamping: board.host.crashes)
    own.restarts = Int(clamping: board.host.restarts)
    // Nobody tells how far these are.
    own.drain = nil
    own.roll = nil
    return Snapshot(
      namespace: keys.namespace, time: WallClock.unixMilliseconds, scope: .host,
      redis: redis.health == .up ? .slow : redis.health, hosts: [Snapshot.Host(record: own, workers: workers)]
    )
  }
}
