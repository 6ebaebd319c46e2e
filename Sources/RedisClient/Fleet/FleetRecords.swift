import EventLoop
package import FleetState

/// What all hosts and workers say of themselves, read at once: Redis → a `Snapshot`.
package final class FleetRecords {
  private let redis: Redis
  private let keys: RedisKeys

  private static let mostHosts = 1000
  private static let mostSlots = 64
  /// One a second and host: enough that each host's last one is among them.
  private static let samplesPerHost = 3

  private struct Finding {
    var epoch: Epoch?
    var hosts: [HostRecord] = []
    var workers: [WorkerRecord] = []
    var samples: [Sample] = []
  }

  package init(_ redis: Redis, keys: RedisKeys) {
    self.redis = redis
    self.keys = keys
  }

  /// `nil` when Redis does not say who is there.
  package func read(_ done: @escaping (Snapshot?) -> Void) {
    var finding = Finding()
    // Sent together and answered in order.
    redis.send("GET", keys.epoch) { answer in
      finding.epoch = (try? answer.get())?.text.flatMap { Epoch($0) }
    }
    redis.send("SMEMBERS", keys.hosts) { [self] answer in
      guard case .success(let members) = answer else { return done(nil) }
      let ids = members.elements.compactMap { $0.text.flatMap { Name($0) } }.sorted().prefix(Self.mostHosts)
      readHosts(Array(ids), finding) { done($0) }
    }
  }

  private func readHosts(_ ids: [Name], _ found: Finding, _ done: @escaping (Snapshot) -> Void) {
    var finding = found
    for id in ids {
      redis.send("HGETALL", keys.host(id)) { answer in
        if let record = Self.fields(answer).flatMap({ HostRecord($0) }) { finding.hosts.append(record) }
      }
    }
    let count = "\(max(1, ids.count) * Self.samplesPerHost)"
    redis.send("XREVRANGE", keys.samples, "+", "-", "COUNT", count) { [self] answer in
      let entries = (try? answer.get())?.entries ?? []
      finding.samples = entries.reversed().compactMap { Sample(Fields($0.fields)) }
      readWorkers(finding, done)
    }
  }

  private func readWorkers(_ found: Finding, _ done: @escaping (Snapshot) -> Void) {
    var finding = found
    let places = found.hosts.flatMap { host in
      (0..<min(host.workers, Self.mostSlots)).map { keys.worker(host.id, slot: $0) }
    }
    if places.isEmpty { return done(snapshot(finding)) }
    var left = places.count
    for place in places {
      redis.send("HGETALL", place) { [self] answer in
        left -= 1
        if let record = Self.fields(answer).flatMap({ WorkerRecord($0) }) { finding.workers.append(record) }
        if left == 0 { done(snapshot(finding)) }
      }
    }
  }

  private func snapshot(_ finding: Finding) -> Snapshot {
    var snapshot = Snapshot(
      namespace: keys.namespace, time: WallClock.unixMilliseconds, redis: redis.health,
      redisMicros: redis.roundTripMicros, epoch: finding.epoch)
    snapshot.join(hosts: finding.hosts, workers: finding.workers, samples: finding.samples)
    return snapshot
  }

  private static func fields(_ answer: Redis.Answer) -> Fields? {
    guard case .success(let value) = answer, !value.elements.isEmpty else { return nil }
    return Fields(value.pairs)
  }
}
