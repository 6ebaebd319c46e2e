import EventLoop
import FleetState

/// The host's counters in shared pages: one record per worker slot and one for the host.
///
/// Every process of the host maps it, so each can tell the exact count of all without asking anyone, and a
/// scrape of `/metrics` sums every worker once. Redis is not needed for it.
final class Board {
  let slotCount: Int
  let pages: SharedPages
  private let slots: PageArray<SlotCounters>
  private let hosts: PageArray<HostFigures>

  private static let turnstileOffset = 2048
  private static let slotsOffset = 4096

  static func byteCount(slots: Int) -> Int { deedsOffset(slots: slots) + ((slots * 8 + 4095) & ~4095) }

  private static func deedsOffset(slots: Int) -> Int {
    (slotsOffset + slots * MemoryLayout<SlotCounters>.stride + 4095) & ~4095
  }

  /// What becomes of the sockets that a slot gives another.
  func deedWord(of slot: Int) -> DeedWord {
    DeedWord(pages.word(at: Self.deedsOffset(slots: slotCount) + slot * 8))
  }

  /// A fresh one, all zero.
  convenience init(slots: Int) throws(SystemError) {
    try self.init(
      SharedPages(name: "sluice-board", byteCount: Self.byteCount(slots: slots)), slots: slots)
  }

  /// The supervisor's, seen from a worker.
  convenience init(adopting pages: consuming Descriptor, slots: Int) throws(SystemError) {
    try self.init(SharedPages(adopting: pages, byteCount: Self.byteCount(slots: slots)), slots: slots)
  }

  private init(_ pages: SharedPages, slots: Int) {
    self.pages = pages
    slotCount = slots
    self.slots = pages.array(of: SlotCounters.self, at: Self.slotsOffset, count: slots)
    hosts = pages.array(of: HostFigures.self, at: 0, count: 1)
  }

  subscript(slot: Int) -> SlotCounters {
    @inline(__always) _read { yield slots[slot] }
    @inline(__always) _modify { yield &slots[slot] }
  }

  var host: HostFigures {
    _read { yield hosts[0] }
    _modify { yield &hosts[0] }
  }

  /// Sockets open on this host, in all halls and slots.
  var sockets: UInt64 { (0..<slotCount).reduce(0) { $0 &+ slots[$1].sockets } }

  /// What the sockets of this host held when each worker last looked.
  var socketBytes: UInt64 { (0..<slotCount).reduce(0) { $0 &+ slots[$1].socketBytes } }

  /// Whether this slot may open one more socket. The claim is shown before all are counted, and claims pass through
  /// one word: of two workers that want the last seat, at least one sees the other, so there are never more than `most`.
  func claimSeat(_ slot: Int, most: UInt64) -> Bool {
    slots[slot].claims = 1
    let turnstile = pages.word(at: Self.turnstileOffset)
    var turn = turnstile.value
    while !turnstile.exchange(turn, for: turn &+ 1) { turn = turnstile.value }
    let taken = (0..<slotCount).reduce(0) { $0 &+ slots[$1].sockets &+ slots[$1].claims }
    if taken > most { slots[slot].claims = 0 }
    return taken <= most
  }

  func sockets(in hall: Hall) -> UInt64 {
    (0..<slotCount).reduce(0) { $0 &+ slots[$1].open[Int(hall.rawValue)] }
  }

  /// Sockets of the whole fleet, or nil when nobody has heard of the other hosts for longer than a lease.
  func globalSockets(at now: Moment) -> UInt64? {
    let figures = host
    guard figures.fleetSeenAt > 0, redisHealth != .down,
      now.nanoseconds(since: Moment(nanoseconds: figures.fleetSeenAt)) < HostFigures.lease
    else { return nil }
    return sockets &+ figures.socketsElsewhere
  }

  /// How Redis is doing: what the supervisor sees of it, or the first thing a worker finds wrong.
  var redisHealth: RedisHealth {
    if host.redis.health != .up { return host.redis.health }
    return (0..<slotCount).map { slots[$0].redis.health }.first { $0 != .up } ?? .up
  }

  /// What went through all slots since the server started.
  var traffic: Traffic {
    (0..<slotCount).reduce(into: Traffic()) { $0 += slots[$1].traffic }
  }

  var errors: UInt64 {
    (0..<slotCount).reduce(0) { sum, slot in
      ErrorKind.allCases.reduce(sum) { $0 &+ slots[slot].errors[$1.rawValue] }
    }
  }

  /// A worker is gone unasked: its sockets are no longer open, and a drain counts them as lost.
  func settleCrash(of slot: Int) {
    slots[slot].state = .backoff
    slots[slot].connections = 0
    slots[slot].open = InlineArray(repeating: 0)
    slots[slot].drain.lost = slots[slot].drain.start &- min(slots[slot].drain.start, slots[slot].drain.kept)
  }

  /// This drain's ledger over all slots.
  var drain: DrainShare {
    var sum = DrainShare()
    for slot in 0..<slotCount {
      let share = slots[slot].drain
      sum.start &+= share.start
      sum.left &+= share.left
      sum.moved &+= share.moved
      sum.paced &+= share.paced
      sum.forced &+= share.forced
      sum.lost &+= share.lost
    }
    return sum
  }
}

/// What the supervisor tells every worker; written by it alone.
struct HostFigures: BitwiseCopyable {
  static let lease: UInt64 = 5_000_000_000

  /// Sockets on the other hosts of the fleet, and when (monotonic) that was read from Redis.
  var socketsElsewhere: UInt64 = 0
  var fleetSeenAt: UInt64 = 0
  var restarts: UInt64 = 0
  var crashes: UInt64 = 0
  var lastDrainMilliseconds: UInt64 = 0
  var redisRoundTripMicroseconds: UInt64 = 0
  var redis = RedisMark()
}

/// How one process finds Redis; well until it finds otherwise.
struct RedisMark: BitwiseCopyable {
  private var number: UInt8 = 0

  var health: RedisHealth {
    get { Int(number) < RedisHealth.allCases.count ? RedisHealth.allCases[Int(number)] : .down }
    set { number = UInt8(RedisHealth.allCases.firstIndex(of: newValue) ?? 0) }
  }
}
