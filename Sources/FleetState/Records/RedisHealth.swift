/// How Redis is doing, by name: `up`, or the one thing that is wrong with it.
package enum RedisHealth: String, CaseIterable, Sendable {
  case up, down, slow, loading, readonly, oom, noauth, noperm, moved
}
