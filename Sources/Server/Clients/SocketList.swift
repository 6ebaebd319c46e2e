import EventLoop
import FleetState
import RedisClient

/// This worker's sockets as the fleet sees them: the leased hash `sockets:<host>:<slot>`, written at the end of each
/// turn in which somebody came or went. Gone with its lease after a crash; written anew by whoever goes on.
final class SocketList {
  /// Redis has forgotten us, though we never lost sight of it: who knows what else it has forgotten.
  var onForgotten: (() -> Void)?

  private let sockets: Sockets
  private let redis: Redis
  private let key: String
  private let life: UInt64
  private let lease = Lease()
  private var stopRenewing: (() -> Void)?
  private var came: [StreamID] = []
  private var left: [StreamID] = []
  /// Another slot's by now, of late and for longer: whoever takes a socket moves it from list to list, and what it did
  /// not come to is put right after a while.
  private var departing: [StreamID] = []
  private var departed: [StreamID] = []
  /// The list in Redis is not ours yet: it is begun anew with the next words to it.
  private var isStale = true

  private static let perTurn = 128
  private static let mostUnderWay = 4096

  init(_ sockets: Sockets, redis: Redis, key: String, life: UInt64) {
    self.sockets = sockets
    self.redis = redis
    self.key = key
    self.life = life
    sockets.loop.atEndOfTurn { [unowned self] in write() }
  }

  func start() {
    rewrite()
    stopRenewing = sockets.loop.every(lease.renewal) { [unowned self] in renew() }
  }

  func pause() {
    stopRenewing?()
    stopRenewing = nil
    came.removeAll()
    left.removeAll()
    forgetDeparted()
  }

  /// Nobody is served here any more.
  func finish() {
    pause()
    if redis.isReady { redis.send("DEL", key) }
  }

  // Nothing is gathered for a Redis that is away: who comes back to it begins anew.
  func add(_ stream: StreamID) { if redis.isReady { came.append(stream) } }
  func remove(_ stream: StreamID) { if redis.isReady { left.append(stream) } }
  func removeLater(_ stream: StreamID) { if redis.isReady { departing.append(stream) } }

  private func forgetDeparted() {
    departing.removeAll()
    departed.removeAll()
  }

  /// Says who is here from the beginning.
  func rewrite() {
    isStale = true
    left.removeAll()
    forgetDeparted()
    came.removeAll(keepingCapacity: true)
    for hall in Hall.allCases {
      for index in 0..<sockets.population(of: hall) {
        if let stream = sockets.seat(index, of: hall) { came.append(stream) }
      }
    }
  }

  private func renew() {
    guard redis.isReady, !isStale else { return }
    left += departed
    departed = departing
    departing.removeAll()
    redis.send("PEXPIRE", key, "\(lease.milliseconds)")
    // A list that came into being by somebody's late word is not the one we began.
    redis.send("HGET", key, OpenSocket.lifeField) { [weak self] answer in
      guard case .success(let value) = answer, let self, stopRenewing != nil, !isStale else { return }
      // One that takes no words cannot be told anything; it is once it is well.
      if redis.health != .up { return }
      if value.text != "\(life)" { onForgotten?() }
    }
  }

  /// A part of it a turn: after a takeover there are thousands, and clients are not to wait for a list.
  private func write() {
    guard stopRenewing != nil, redis.isReady, redis.waiting < Self.mostUnderWay else { return }
    if isStale { begin() }
    if !left.isEmpty {
      let part = left.prefix(Self.perTurn)
      left.removeFirst(part.count)
      redis.send(["HDEL", key] + part.map { "\($0.number)" })
    }
    if !came.isEmpty {
      let part = came.prefix(Self.perTurn)
      came.removeFirst(part.count)
      // Who has left already is not listed again.
      let entries = part.filter(sockets.isTalking).flatMap { ["\($0.number)", entry(of: $0).text] }
      if !entries.isEmpty { redis.send(["HSET", key] + entries) }
    }
    if !left.isEmpty || !came.isEmpty { sockets.loop.next {} }
  }

  private func begin() {
    isStale = false
    redis.send("DEL", key)
    redis.send("HSET", key, OpenSocket.lifeField, "\(life)")
    redis.send("PEXPIRE", key, "\(lease.milliseconds)")
  }

  func entry(of stream: StreamID) -> OpenSocket {
    let client = sockets[stream].hall == .clients ? sockets.name(of: stream) : nil
    return OpenSocket(
      hall: sockets[stream].hall, since: sockets.since(stream), peer: sockets.peerName(of: stream),
      client: client.flatMap { ClientID($0.name) })
  }
}

extension Sockets {
  /// When it was opened, in milliseconds since 1970.
  func since(_ stream: StreamID) -> UInt64 {
    (WallClock.unixNanoseconds &- loop.now.nanoseconds(since: self[stream].openedAt)) / 1_000_000
  }
}
