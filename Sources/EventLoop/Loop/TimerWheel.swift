/// Names one timer; a stale name does nothing.
public struct TimerID: Hashable, Sendable, BitwiseCopyable {
  let index: UInt32
  let generation: UInt32
}

/// Millions of deadlines at a constant price: six levels of 64 slots, one millisecond fine, two years wide.
/// It knows no clock: time comes in as milliseconds, what is due comes out.
struct TimerWheel<Payload> {
  private struct Node {
    var payload: Payload?
    var due: UInt64 = 0
    var generation: UInt32 = 0
    var next = TimerWheel.none
    var previous = TimerWheel.none
    var slot: UInt16 = 0
  }

  private static var none: UInt32 { .max }
  private static var levels: Int { 6 }

  private(set) var count = 0
  private var elapsed: UInt64
  private var nodes: [Node] = []
  private var freed: UInt32 = .max
  private var heads = [UInt32](repeating: .max, count: 6 * 64)
  private var occupied = [UInt64](repeating: 0, count: 6)

  init(start milliseconds: UInt64) { elapsed = milliseconds }

  mutating func insert(_ payload: Payload, due milliseconds: UInt64) -> TimerID {
    let index: UInt32
    if freed != Self.none {
      index = freed
      freed = nodes[Int(index)].next
    } else {
      index = UInt32(nodes.count)
      nodes.append(Node())
    }
    nodes[Int(index)].payload = payload
    nodes[Int(index)].due = milliseconds
    link(index)
    count += 1
    return TimerID(index: index, generation: nodes[Int(index)].generation)
  }

  mutating func cancel(_ id: TimerID) {
    guard Int(id.index) < nodes.count, nodes[Int(id.index)].generation == id.generation,
      nodes[Int(id.index)].payload != nil
    else { return }
    unlink(id.index)
    _ = free(id.index)
  }

  /// The latest moment by which `advance` must be called again; nil when nothing is planned.
  var nextDue: UInt64? { nextSlot()?.start }

  /// Moves the time on and hands out one due timer after another; nil when none is left.
  mutating func popDue(at milliseconds: UInt64) -> Payload? {
    while let (level, slot, start) = nextSlot(), start <= milliseconds {
      elapsed = max(elapsed, start)
      if level > 0 {
        spread(level * 64 + slot)
        continue
      }
      let index = heads[slot]
      unlink(index)
      return free(index)
    }
    elapsed = max(elapsed, milliseconds)
    return nil
  }

  /// A slot has been reached: all of its timers fall to finer levels, at once, for a finer level is looked at
  /// first and would hide the ones left behind.
  private mutating func spread(_ place: Int) {
    var index = heads[place]
    heads[place] = Self.none
    occupied[place / 64] &= ~(1 << UInt64(place % 64))
    while index != Self.none {
      let next = nodes[Int(index)].next
      link(index)
      index = next
    }
  }

  // The lowest occupied level always holds the earliest timers; within it the first slot from here on.
  private func nextSlot() -> (level: Int, slot: Int, start: UInt64)? {
    for level in 0..<Self.levels where occupied[level] != 0 {
      let shift = UInt64(6 * level)
      let here = (elapsed >> shift) & 63
      let bits = occupied[level]
      let rotated = here == 0 ? bits : (bits >> here) | (bits << (64 - here))
      let slot = (here + UInt64(rotated.trailingZeroBitCount)) & 63
      let round = elapsed & ~((1 << (shift + 6)) - 1)
      var start = round + slot << shift
      if start < elapsed & ~((1 << shift) - 1) { start += 1 << (shift + 6) }
      return (level, Int(slot), start)
    }
    return nil
  }

  private mutating func link(_ index: UInt32) {
    // 63 slots of the coarsest level: one more and the slot would be the one we are in, due at once for ever.
    let horizon = (elapsed >> 30 + 63) << 30
    let due = min(max(nodes[Int(index)].due, elapsed), horizon)
    let difference = due ^ elapsed
    let level = difference == 0 ? 0 : min(5, (63 - difference.leadingZeroBitCount) / 6)
    let slot = Int((due >> UInt64(6 * level)) & 63)
    let place = level * 64 + slot
    nodes[Int(index)].slot = UInt16(place)
    nodes[Int(index)].previous = Self.none
    nodes[Int(index)].next = heads[place]
    if heads[place] != Self.none { nodes[Int(heads[place])].previous = index }
    heads[place] = index
    occupied[level] |= 1 << UInt64(slot)
  }

  private mutating func unlink(_ index: UInt32) {
    let node = nodes[Int(index)]
    let place = Int(node.slot)
    if node.previous != Self.none {
      nodes[Int(node.previous)].next = node.next
    } else {
      heads[place] = node.next
    }
    if node.next != Self.none { nodes[Int(node.next)].previous = node.previous }
    if heads[place] == Self.none { occupied[place / 64] &= ~(1 << UInt64(place % 64)) }
  }

  private mutating func free(_ index: UInt32) -> Payload? {
    let payload = nodes[Int(index)].payload
    nodes[Int(index)].payload = nil
    nodes[Int(index)].generation &+= 1
    nodes[Int(index)].next = freed
    freed = index
    count -= 1
    return payload
  }
}
