import EventLoop
import FleetState
import WireProtocol

/// Looks again and again at what sockets hold: those that do not read, or hold too much, are let go.
///
/// In: the table, every second and every `memory_check_interval`, and what Redis keeps for them. Out: closed sockets, counted by kind, and this
/// worker's share of the host's figure on the board.
final class Patrol {
  private let sockets: Sockets
  private let limits: LimitSettings
  private let belongings: Belongings
  private var stops: [() -> Void] = []
  private var doomed: [StreamID] = []

  private static let glance = Duration.seconds(1)
  /// With less than this on its way, a socket that is closed hears why.
  private static let shortOutput = 64 << 10

  init(_ sockets: Sockets, _ limits: LimitSettings, belongings: Belongings) {
    self.sockets = sockets
    self.belongings = belongings
    self.limits = limits
  }

  func start() {
    pause()
    if let age = limits.slowReaderAge {
      stops.append(sockets.loop.every(min(Self.glance, age / 2)) { [unowned self] in lookForSlow(age) })
    }
    stops.append(
      sockets.loop.every(limits.memoryCheckInterval) { [unowned self] in
        belongings.weigh { [weak self] in self?.lookAtMemory() }
      })
  }

  func pause() {
    for stop in stops { stop() }
    stops = []
    doomed = []
  }

  // MARK: Readers

  /// The oldest byte a peer has left unread is older than it may be.
  private func lookForSlow(_ age: Duration) {
    var slow: [StreamID] = []
    sockets.table.forEachStream { stream in
      guard let output = sockets.table.output(of: stream), output.queued != output.sent else { return }
      if sockets[stream].phase == .talking, isSlow(stream, output, age) { slow.append(stream) }
    }
    for stream in slow {
      sockets.count(.slowConsumer)
      sockets.board[sockets.slot].slowConsumers &+= 1
      letGo(stream, "too slow")
    }
  }

  /// What waits now is marked; once all of that has left, what waits then.
  private func isSlow(_ stream: StreamID, _ output: (sent: UInt64, queued: UInt64), _ age: Duration) -> Bool {
    let now = sockets.loop.now
    if sockets[stream].unsentMark > output.sent {
      return now.duration(since: sockets[stream].unsentSince) >= age
    }
    sockets.table.change(stream) {
      sockets[stream].unsentMark = output.queued
      sockets[stream].unsentSince = now
    }
    return false
  }

  // MARK: Memory

  private struct Holding {
    let stream: StreamID
    let bytes: Int
    /// Whoever has the smallest is evicted first.
    let rank: UInt64
  }

  private func lookAtMemory() {
    if stops.isEmpty || sockets.isSuspended { return }
    var holdings: [Holding] = []
    var total = 0
    sockets.table.forEachStream { stream in
      let bytes = sockets.memory(of: stream) + belongings.bytes(of: stream)
      total += bytes
      guard sockets[stream].phase == .talking else { return }
      if let most = limits.memoryPerConnection, bytes > most {
        sockets.count(.overMemory)
        doomed.append(stream)
        total -= bytes
      } else if limits.totalMemory != nil {
        holdings.append(Holding(stream: stream, bytes: bytes, rank: rank(of: stream)))
      }
    }
    sockets.board[sockets.slot].socketBytes = UInt64(total)
    evict(holdings, own: total)
    letDoomedGo()
  }

  private func rank(of stream: StreamID) -> UInt64 {
    switch limits.eviction {
    case .lru: sockets[stream].heardAt.nanoseconds
    case .fifo, .oldest: sockets[stream].openedAt.nanoseconds
    }
  }

  /// Each worker gives back its part of what the host holds too much.
  private func evict(_ holdings: [Holding], own: Int) {
    let all = sockets.board.socketBytes
    guard let most = limits.totalMemory, all > UInt64(most) else { return }
    let share = Eviction.share(own: own, all: Int(clamping: all), most: most)
    var freed = 0
    for holding in holdings.sorted(by: { $0.rank < $1.rank }) where freed < share {
      sockets.count(.evicted)
      doomed.append(holding.stream)
      freed += holding.bytes
    }
    sockets.board[sockets.slot].socketBytes = UInt64(max(0, own - freed))
  }

  private func letDoomedGo() {
    for stream in doomed.prefix(limits.cleanupPerTurn) { letGo(stream, "out of memory for this connection") }
    doomed.removeFirst(min(doomed.count, limits.cleanupPerTurn))
    if !doomed.isEmpty { sockets.loop.next { [weak self] in self?.letDoomedGo() } }
  }

  /// A peer that has much to read yet would keep its memory while it is told.
  private func letGo(_ stream: StreamID, _ reason: String) {
    guard sockets.table.holds(stream), sockets[stream].phase == .talking else { return }
    if sockets.table.pendingBytes(of: stream) > Self.shortOutput { return sockets.drop(stream, reset: true) }
    sockets.close(stream, .tryAgainLater, reason)
  }
}

enum Eviction {
  /// What one worker gives back of what all hold beyond `most`, in proportion to what it holds.
  static func share(own: Int, all: Int, most: Int) -> Int {
    guard all > most, all > 0, own > 0 else { return 0 }
    return min(own, Int((Double(all - most) * Double(own) / Double(all)).rounded(.up)))
  }
}
