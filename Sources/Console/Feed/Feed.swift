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
  private let endpoint: RedisEndpoint
  private var streams: RedisStreams?
  private var isAsking = false
  private var stopAsking: (() -> Void)?
  private var hasHistory = false

  private static let askEvery = Duration.milliseconds(500)
  /// How far back charts and the timeline reach when the console opens.
  private static let samplesBack = 1200
  private static let eventsBack = 200
  private static let mostHosts = 1000
  private static let mostSlots = 64

  init(_ loop: EventLoop, endpoint: RedisEndpoint, keys: RedisKeys) {
    self.loop = loop
    self.endpoint = endpoint
    self.keys = keys
    redis = Redis(loop, endpoint: endpoint, name: "wsconsole")
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
    redis.send("GET", keys.epoch) { [unowned self] answer in
      let epoch = (try? answer.get())?.text.flatMap { Epoch($0) }
      askHosts(epoch)
    }
  }

  private func askHosts(_ epoch: Epoch?) {
    redis.send("SMEMBERS", keys.hosts) { [unowned self] answer in
      guard case .success(let members) = answer else { return isAsking = false }
      let ids = members.elements.compactMap { $0.text.flatMap { Name($0) } }.sorted().prefix(Self.mostHosts)
      if ids.isEmpty { return finish(epoch, [], []) }
      var hosts: [HostRecord] = []
      var left = ids.count
      for id in ids {
        redis.send("HGETALL", keys.host(id)) { [unowned self] answer in
          left -= 1
          if let record = Self.fields(answer).flatMap({ HostRecord($0) }) { hosts.append(record) }
          if left == 0 { askWorkers(epoch, hosts) }
        }
      }
    }
  }

  private func askWorkers(_ epoch: Epoch?, _ hosts: [HostRecord]) {
    let places = hosts.flatMap { host in (0..<min(host.workers, Self.mostSlots)).map { (host.id, $0) } }
    if places.isEmpty { return finish(epoch, hosts, []) }
    var workers: [WorkerRecord] = []
    var left = places.count
    for (host, slot) in places {
      redis.send("HGETALL", keys.worker(host, slot: slot)) { [unowned self] answer in
        left -= 1
        if let record = Self.fields(answer).flatMap({ WorkerRecord($0) }) { workers.append(record) }
        if left == 0 { finish(epoch, hosts, workers) }
      }
    }
  }

  private func finish(_ epoch: Epoch?, _ hosts: [HostRecord], _ workers: [WorkerRecord]) {
    isAsking = false
    var snapshot = Snapshot(
      namespace: keys.namespace, time: WallClock.unixMilliseconds, redis: redis.health,
      redisMicros: redis.roundTripMicros, epoch: epoch)
    snapshot.join(hosts: hosts, workers: workers)
    onSnapshot?(snapshot)
  }

  private static func fields(_ answer: Redis.Answer) -> Fields? {
    guard case .success(let value) = answer, !value.elements.isEmpty else { return nil }
    return Fields(value.pairs)
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
