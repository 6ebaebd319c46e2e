import EventLoop
import FleetState
import RedisClient

/// The bus as it goes by: Redis → `BusLine`s. First the latest there are, then each as it comes, over a connection of
/// its own, and only between `open` and `close`.
final class BusFeed {
  var onLine: ((BusLine) -> Void)?
  var onBatch: (() -> Void)?
  /// The bus is another than the one that was read before.
  var onBeginning: (() -> Void)?

  private let loop: EventLoop
  private let endpoint: RedisEndpoint
  private let redis: Redis
  private let key: String
  private var streams: RedisStreams?
  private var isAsking = false
  /// Counts the times it was opened: an answer for an earlier one comes too late.
  private var opening = 0

  /// As many as were said before somebody looked. An entry may be long, so neither is generous.
  private static let before = 100
  private static let atOnce = 64

  init(_ loop: EventLoop, endpoint: RedisEndpoint, redis: Redis, keys: RedisKeys) {
    self.loop = loop
    self.endpoint = endpoint
    self.redis = redis
    key = keys.bus(0)
  }

  /// Asks, unless it follows already or Redis is away: then it is for the caller to come again.
  func open() {
    guard streams == nil, !isAsking, redis.isReady else { return }
    isAsking = true
    opening += 1
    let number = opening
    redis.send("XREVRANGE", key, "+", "-", "COUNT", "\(Self.before)") { [weak self] answer in
      guard let self, number == opening else { return }
      isAsking = false
      guard case .success(let value) = answer else { return }
      follow(value)
    }
  }

  func close() {
    opening += 1
    isAsking = false
    streams?.close()
    streams = nil
  }

  private func follow(_ before: RedisValue) {
    var last = EntryID.zero
    for entry in before.entries.reversed() {
      last = entry.id
      let fields = Fields(entry.fields)
      guard let head = fields.raw("\(BusEntry.headField)") else { continue }
      let data = fields.raw("\(BusEntry.dataField)") ?? ""
      onLine?(BusLine(entry.id, head: head.utf8.span, data: data.utf8.span))
    }
    onBatch?()
    var limits = RedisStreams.Limits()
    limits.batch = Self.atOnce
    let streams = RedisStreams(
      loop, endpoint: endpoint, name: "wsconsole-bus", streams: [(key, last)], limits: limits)
    streams.onEntry = { [unowned self] _, entry in
      if let line = BusLine(entry) { onLine?(line) }
    }
    streams.onBatch = { [unowned self] in onBatch?() }
    streams.onNotice = { [unowned self] notice in
      switch notice {
      case .rewound, .epoch: onBeginning?()
      case .trimmed: return
      }
    }
    streams.open()
    self.streams = streams
  }
}
