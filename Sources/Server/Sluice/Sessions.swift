import EventLoop
import FleetState
import RedisClient

/// What Redis remembers of a session of `sluice.v1`: the channels it has joined, and what it has set.
///
/// What a client asks to be kept becomes a command in the log of what its worker has said, so that no crash loses it.
final class Sessions {
  /// What a session had joined; in a change of its stream.
  var onRestored: ((StreamID, [Name]) -> Void)?

  private let sockets: Sockets
  private let redis: Redis
  private let publisher: Publisher
  private let keys: RedisKeys
  private let terms: Terms

  struct Terms {
    /// What one may keep, names included.
    var mostBytes = 1 << 20
    /// How long a session is remembered; never shorter than its token is good.
    var patience = Duration.seconds(86_400)
    /// How long what a client of the hall `clients` keeps outlasts its socket.
    var clientPatience = Duration.seconds(3600)
  }

  private static let again = Duration.milliseconds(500)

  init(_ sockets: Sockets, redis: Redis, publisher: Publisher, keys: RedisKeys, terms: Terms) {
    self.sockets = sockets
    self.terms = terms
    self.redis = redis
    self.publisher = publisher
    self.keys = keys
  }

  // MARK: Keeping

  /// False: there is no room for it in the log. The receipt comes once Redis would give it back to the session.
  func noteJoin(_ channel: Name, by stream: StreamID, receipt: String?) -> Bool {
    guard let key = key(of: stream) else { return false }
    return publisher.command(
      stream, ["EVAL", Self.join, "1", key, "g:\(channel)", patience], receipt: receipt)
  }

  /// It is still here.
  func renew(_ stream: StreamID) {
    guard let key = key(of: stream) else { return }
    _ = publisher.command(stream, ["PEXPIRE", key, patience])
  }

  private var patience: String { "\(terms.patience.wholeMilliseconds)" }

  /// One command, so that the log takes all of it or nothing.
  private static let join =
    "redis.call('HSET', KEYS[1], ARGV[1], '1') return redis.call('PEXPIRE', KEYS[1], ARGV[2])"

  func noteLeave(_ channel: Name, by stream: StreamID, receipt: String?) -> Bool {
    guard let key = key(of: stream) else { return false }
    return publisher.command(stream, ["HDEL", key, "g:\(channel)"], receipt: receipt)
  }

  /// The commands by which a value is kept and found; nil for a socket without a name.
  func setting(_ key: Name, to value: String, of stream: StreamID) -> [String]? {
    guard let home = dataKey(of: stream) else { return nil }
    let isClient = sockets[stream].hall == .clients
    let patience = isClient ? terms.clientPatience : terms.patience
    return [
      "EVAL", ClientScripts.put.source, "1", home, "d:\(key)", value, "\(terms.mostBytes)",
      "\(patience.wholeMilliseconds)", "any",
    ]
  }

  func getting(_ key: Name, of stream: StreamID) -> [String]? {
    dataKey(of: stream).map { ["HGET", $0, "d:\(key)"] }
  }

  private func key(of stream: StreamID) -> String? {
    sockets.name(of: stream).flatMap { ClientID($0.name) }.map { keys.session($0) }
  }

  /// What a client of the hall `clients` keeps is found over HTTP, too.
  private func dataKey(of stream: StreamID) -> String? {
    guard let client = sockets.name(of: stream).flatMap({ ClientID($0.name) }) else { return nil }
    return sockets[stream].hall == .clients ? keys.client(client) : keys.session(client)
  }

  // MARK: Restoring

  /// Looks up what it had joined, as often as it takes.
  func restore(_ stream: StreamID) {
    guard sockets.isTalking(stream), let key = key(of: stream) else { return }
    redis.send("HGETALL", key) { [weak self] answer in self?.take(answer, for: stream) }
  }

  private func take(_ answer: Redis.Answer, for stream: StreamID) {
    guard !sockets.isSuspended, sockets.isTalking(stream) else { return }
    guard case .success(let value) = answer else {
      sockets.loop.after(Self.again) { [weak self] in self?.restore(stream) }
      return
    }
    let channels = value.pairs.compactMap { name, _ in
      name.hasPrefix("g:") ? Name(name.dropFirst(2)) : nil
    }
    sockets.table.change(stream) { onRestored?(stream, channels) }
  }
}
