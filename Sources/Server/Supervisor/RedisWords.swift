import EventLoop
import FleetState
import RedisClient

extension Log {
  /// How Redis is doing now, by its name; what is wrong is a warning, with the reason.
  func redis(_ health: RedisHealth, _ reason: RedisError?) {
    let event = "redis_\(health.rawValue)"
    if health == .up { return info("redis is up", event: event) }
    warning("redis is \(health.rawValue)\(reason.map { ": \($0)" } ?? "")", event: event)
  }
}
