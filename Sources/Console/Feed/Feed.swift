import EventLoop
import FleetState
import RedisClient

/// Redis → values: asks for the records of all hosts and workers, follows events and samples as they come.
///
/// In: where Redis is. Out: `onSnapshot`, `onEvent`, `onSamples`, `onHealth`. It keeps trying when Redis is away.
final class Feed {
  var onSnapshot: ((Snapshot) -> Void)?
  var onEvent: ((EntryID, FleetEvent) -> Void)?
  var onSample: ((EntryID, Sample) -> Void)?
  var onHealth: ((RedisHealth) -> Void)?

  let keys: RedisKeys
  let redis: Redis
  private let loop: EventLoop
  let endpoint: RedisEndpoint
  private var streams: RedisStreams?
  private let records: FleetRecords
  private var isAsking = false
  private var stopAsking: (() -> Void)?
  private var hasHistory = false

  private static let askEvery = Duration.milliseconds(500)
  /// How far back charts and the timeline reach when the console opens.
  private static let samplesBack = 1200
  private static let eventsBack = 500

  init(_ loop: EventLoop, endpoint: RedisEndpoint, keys: RedisKeys) {
    self.loop = loop
    self.endpoint = endpoint
    self.keys = keys
    redis = Redis(loop, endpoint: endpoint, name: "wsconsole")
    records = FleetRecords(redis, keys: keys)
  }

  func open() {
    redis.onReady = { [unowned self] in
      ask()
      if !hasHistory { askHistory() }
    }
    redis.onHealth = { [unowned self] in onHealth?($0) }
    redis.open()
    stopAsking = loop.every(Self.askEvery) { [unowned self] in ask() }
  }

  func close() {
    stopAsking?()
    streams?.close()
    redis.close()
  }

  // MARK: Records

  private func ask() {
    guard redis.isReady, !isAsking else { return }
    isAsking = true
    records.read { [unowned self] snapshot in
      isAsking = false
      if let snapshot { onSnapshot?(snapshot) }
    }
  }

  // MARK: Streams

  private func askHistory() {
    hasHistory = true
    var lastEvent = EntryID.zero
    var lastSample = EntryID.zero
    redis.send("XREVRANGE", keys.events, "+", "-", "COUNT", "\(Self.eventsBack)") { [unowned self] answer in
      for entry in Self.entries(answer).reversed() {
        lastEvent = entry.id
        if let event = FleetEvent(Fields(entry.fields)) { onEvent?(entry.id, event) }
      }
    }
    redis.send("XREVRANGE", keys.samples, "+", "-", "COUNT", "\(Self.samplesBack)") { [unowned self] answer in
      for entry in Self.entries(answer).reversed() {
        lastSample = entry.id
        if let sample = Sample(Fields(entry.fields)) { onSample?(entry.id, sample) }
      }
      follow(lastEvent, lastSample)
    }
  }

  private func follow(_ lastEvent: EntryID, _ lastSample: EntryID) {
    let streams = RedisStreams(
      loop, endpoint: endpoint, name: "wsconsole-events",
      streams: [(keys.events, lastEvent), (keys.samples, lastSample)])
    streams.onEntry = { [unowned self] stream, entry in
      let fields = Fields(entry.pairs)
      if stream == 0 {
        if let event = FleetEvent(fields) { onEvent?(entry.id, event) }
      } else if let sample = Sample(fields) {
        onSample?(entry.id, sample)
      }
    }
    streams.open()
    self.streams = streams
  }

  private static func entries(_ answer: Redis.Answer) -> [(id: EntryID, fields: [(String, String)])] {
    (try? answer.get())?.entries ?? []
  }
}
