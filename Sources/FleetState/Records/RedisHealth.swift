/// How Redis is doing, by name: `up`, or the one thing that is wrong with it.
package enum RedisHealth: String, CaseIterable, Sendable {
  case up, down, slow, loading, readonly, oom, noauth, noperm, moved, wrongtype

  /// Behind "Redis".
  package var words: String {
    switch self {
    case .up: "is up"
    case .down: "is down"
    case .slow: "does not answer in time"
    case .loading: "is loading its data"
    case .readonly: "takes no writes"
    case .oom: "is out of memory"
    case .noauth: "does not know this user or password"
    case .noperm: "does not permit this user what is needed"
    case .moved: "sends us elsewhere"
    case .wrongtype: "has something else under one of our names"
    }
  }
}
