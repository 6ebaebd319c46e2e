/// How hard a host works, as its record says it once a second.
package struct Vitals: Equatable, Sendable {
  /// The longest turn of any worker's loop in its last second. With a short queue it bounds the wait for an accept,
  /// because a turn empties such a queue.
  package var loopLagMicros = 0
  package var redisMicros = 0
  /// Connections the kernel has made and no worker has taken yet, on the fullest listener.
  package var acceptQueue = 0
  package var acceptedPerSecond = 0

  package init() {}

  package static let names = ["lag_us", "redis_us", "accept_queue", "accepted_per_s"]

  func encode(into fields: inout Fields) {
    fields.set("lag_us", loopLagMicros)
    fields.set("redis_us", redisMicros)
    fields.set("accept_queue", acceptQueue)
    fields.set("accepted_per_s", acceptedPerSecond)
  }

  init(_ fields: Fields) {
    loopLagMicros = fields.count("lag_us")
    redisMicros = fields.count("redis_us")
    acceptQueue = fields.count("accept_queue")
    acceptedPerSecond = fields.count("accepted_per_s")
  }
}
