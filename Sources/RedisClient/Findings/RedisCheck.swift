import EventLoop
package import FleetState

/// Whether Redis is there, lets us in, takes what we write, and keeps it.
package final class RedisCheck {
  private let loop: EventLoop
  private let redis: Redis
  private let endpoint: RedisEndpoint
  private let keys: RedisKeys
  private var found: [Finding] = []

  private static let patience = Duration.seconds(3)

  /// `name` is what Redis is told of who looks.
  package static func findings(of endpoint: RedisEndpoint, _ namespace: Name, as name: String) -> [Finding] {
    do throws(SystemError) {
      return try RedisCheck(endpoint, namespace, name).findings()
    } catch {
      return [.fail("redis", "\(error)", "try again; it should not happen")]
    }
  }

  private init(_ endpoint: RedisEndpoint, _ namespace: Name, _ name: String) throws(SystemError) {
    self.endpoint = endpoint
    keys = RedisKeys(namespace: namespace)
    loop = try EventLoop()
    redis = Redis(loop, endpoint: endpoint, name: name)
  }

  private func findings() throws(SystemError) -> [Finding] {
    redis.open()
    let deadline = loop.now + Self.patience
    while !redis.isReady, Moment.current < deadline { try loop.turn(waitingAtMost: .milliseconds(50)) }
    guard redis.isReady else {
      let reason = redis.lastError.map { "\($0)" } ?? "no answer"
      return [
        .fail("redis", "\(endpoint) is \(redis.health.rawValue) (\(reason))", Self.advice(redis.health))
      ]
    }
    found.append(.ok("redis", "\(endpoint) answers"))
    try examineLatency()
    try examineInfo()
    try examinePolicy()
    try examineWriting()
    redis.close()
    return found
  }

  static func advice(_ health: RedisHealth) -> String {
    switch health {
    case .up: ""
    case .down: "start it, or correct --redis"
    case .slow: "look at SLOWLOG, and at what else its machine does"
    case .loading: "it reads its file: wait"
    case .readonly: "it is a replica, or cannot write its file: name the primary, or look at its disk"
    case .oom: "raise its maxmemory"
    case .noauth: "give the password: redis://user:password@host"
    case .noperm: "allow its user what docs/SETTINGS.md lists"
    case .moved: "it is a Redis Cluster, which this build does not follow: name a single Redis"
    case .wrongtype: "another program writes under these names: delete its key, or choose another --namespace"
    }
  }

  // MARK: Questions

  private func ask(_ words: String...) throws(SystemError) -> Redis.Answer { try ask(words) }

  private func ask(_ words: [String]) throws(SystemError) -> Redis.Answer {
    var answer: Redis.Answer?
    redis.send(words) { answer = $0 }
    let deadline = Moment.current + Self.patience
    while answer == nil, Moment.current < deadline { try loop.turn(waitingAtMost: .milliseconds(50)) }
    return answer ?? .failure(.slow)
  }

  private func examineLatency() throws(SystemError) {
    var worst = Duration.zero
    for _ in 0..<20 {
      let asked = Moment.current
      _ = try ask("PING")
      worst = max(worst, Moment.current.duration(since: asked))
    }
    let text = "\(worst.words) at worst, of 20 pings"
    found.append(
      worst > .milliseconds(20)
        ? .warn("latency", text, "every broadcast waits for it: bring Redis nearer, or look at SLOWLOG")
        : .ok("latency", text))
  }

  private func examineInfo() throws(SystemError) {
    guard case .success(let value) = try ask("INFO"), let text = value.text else {
      return found.append(.warn("version", "not ours to see", "allow +info to be told more"))
    }
    let info = RedisInfo(text)
    found.append(info.version)
    found.append(info.persistence)
  }

  private func examinePolicy() throws(SystemError) {
    guard case .success(let value) = try ask("CONFIG", "GET", "maxmemory-policy"),
      let policy = value.elements.last?.text
    else { return }
    found.append(
      policy == "noeviction"
        ? .ok("eviction", policy)
        : .warn(
          "eviction", policy, "Redis may throw our streams away: CONFIG SET maxmemory-policy noeviction"))
  }

  /// The truth about rights, memory and replicas is what happens to a write.
  private func examineWriting() throws(SystemError) {
    let key = keys.doctor
    for words in [["XADD", key, "MAXLEN", "~", "1", "*", "a", "b"], ["DEL", key]] {
      if case .failure(let error) = try ask(words) {
        return found.append(.fail("writing", "\(error)", Self.advice(error.health)))
      }
    }
    found.append(.ok("writing", "takes what we write"))
  }
}

/// What INFO tells, as far as it matters to us.
struct RedisInfo {
  private let values: [Substring: Substring]

  init(_ text: String) {
    var values: [Substring: Substring] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 { values[parts[0]] = parts[1] }
    }
    self.values = values
  }

  var version: Finding {
    let text = values["redis_version"].map(String.init) ?? "unknown"
    let numbers = text.split(separator: ".").compactMap { Int($0) }
    guard numbers.count >= 2 else { return .warn("version", text, "6.2 or newer is needed") }
    return (numbers[0], numbers[1]) < (6, 2)
      ? .fail("version", text, "6.2 or newer is needed") : .ok("version", text)
  }

  var persistence: Finding {
    if values["aof_enabled"] == "1" {
      return values["aof_last_write_status"] == "err"
        ? .fail("persistence", "its last write to the append-only file failed", "look at its disk")
        : .ok("persistence", "append-only file")
    }
    return .warn(
      "persistence", "no append-only file", "what was said last is lost with Redis: CONFIG SET appendonly yes"
    )
  }
}
