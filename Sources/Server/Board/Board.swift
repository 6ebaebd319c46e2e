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

  private static let headOffset = 1024
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
    stamp()
  }

  /// The supervisor's, seen from a worker, or from the supervisor that follows it.
  convenience init(adopting descriptor: consuming Descriptor, slots: Int) throws(ForeignPages) {
    guard Self.slots.contains(slots) else { throw ForeignPages("a board for \(slots) workers") }
    let pages: SharedPages
    do throws(SystemError) {
      pages = try SharedPages(adopting: descriptor, byteCount: Self.byteCount(slots: slots))
    } catch {
      throw ForeignPages("a board that cannot be used: \(error)")
    }
    self.init(pages, slots: slots)
    guard head.dropFirst().enumerated().allSatisfy({ headWords[$0.offset + 1] == $0.element }) else {
      throw ForeignPages("a board that is laid out in another way")
    }
    if !PageLayout.isReadable(headWords[0]) { throw PageLayout.refusal(of: headWords[0]) }
  }

  private static let slots = 1...4096
  private static let magic: UInt64 = 0x5355_4943_4542_0001

  /// What the board says of itself: the layout of the supervisor's build first.
  private var head: [UInt64] {
    [
      PageLayout.version, Self.magic, UInt64(slotCount), UInt64(MemoryLayout<SlotCounters>.stride),
      UInt64(MemoryLayout<HostFigures>.stride),
    ]
  }

  private var headWords: PageArray<UInt64> {
    pages.array(of: UInt64.self, at: Self.headOffset, count: head.count)
  }

  /// It is this build's supervisor's from here on.
  func stamp() { for (index, word) in head.enumerated() { headWords[index] = word } }

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

  // MARK: Deeds

  /// Whoever begins to serve a slot clears what the process before was about: what it offered and nobody has taken is its
  /// own, and what it was offered and did not take is the giver's.
  func withdrawDeeds(of slot: Int) {
    for giver in 0..<slotCount {
      let deed = deedWord(of: giver).deed
      if giver == slot || deed.taker == slot { deedWord(of: giver).withdraw(deed.number) }
    }
  }

  /// All it has taken is in its books.
  func settleDeeds(takenBy slot: Int) {
    for giver in 0..<slotCount { deedWord(of: giver).settle(deedWord(of: giver).deed.number, by: slot) }
  }
}
