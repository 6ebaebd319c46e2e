import FleetState

/// Turns the board's totals into one second's figures.
struct Sampler {
  private let host: Name
  private var last: Traffic?
  private var lastErrors: UInt64 = 0

  init(host: Name) { self.host = host }

  mutating func take(_ board: Board, redisMicros: Int) -> Sample {
    let traffic = board.traffic
    let errors = board.errors
    let before = last ?? traffic
    var sample = Sample(host: host)
    sample.sockets = Int(clamping: board.sockets)
    sample.acceptedPerSecond = max(0, traffic.accepted - before.accepted)
    sample.messagesInPerSecond = max(0, traffic.messagesIn - before.messagesIn)
    sample.messagesOutPerSecond = max(0, traffic.messagesOut - before.messagesOut)
    sample.deliveriesPerSecond = max(0, traffic.deliveries - before.deliveries)
    sample.bytesInPerSecond = max(0, traffic.bytesIn - before.bytesIn)
    sample.bytesOutPerSecond = max(0, traffic.bytesOut - before.bytesOut)
    sample.errorsPerSecond = last == nil ? 0 : Int(clamping: errors &- lastErrors)
    for slot in 0..<board.slotCount {
      let counters = board[slot]
      sample.lagMaxMicros = max(sample.lagMaxMicros, Int(clamping: counters.loopLagMicroseconds))
      sample.memoryBytes += Int(clamping: counters.residentBytes)
      if counters.state == .serving || counters.state == .draining { sample.workersUp += 1 }
    }
    sample.lagP99Micros = sample.lagMaxMicros
    sample.redisMicros = redisMicros
    last = traffic
    lastErrors = errors
    return sample
  }
}
