/// What is to happen when, the earliest first; of two at one time, the one that was planned first.
///
/// It is kept as people keep theirs: one list for each minute to come, the present one divided into milliseconds, and
/// only the present millisecond is in order. So an entry costs the same among ten and among ten million.
struct Agenda<Element> {
  private struct Entry {
    let time: UInt64
    let order: UInt64
    let element: Element

    static func isBefore(_ a: Entry, _ b: Entry) -> Bool { (a.time, a.order) < (b.time, b.order) }
  }

  private var minutes: [UInt64: [Entry]] = [:]
  /// The present one, divided.
  private var minute: UInt64 = 0
  private var milliseconds: [[Entry]]
  /// The present one, in order, and how far it has been read.
  private var millisecond = 0
  private var present: [Entry] = []
  private var read = 0
  private var count: UInt64 = 0

  /// 2^20 ns and 2^36 ns: a minute has 2^16 milliseconds.
  private static var millisecondBits: UInt64 { 20 }
  private static var minuteBits: UInt64 { 36 }

  init() { milliseconds = Array(repeating: [], count: 1 << Int(Self.minuteBits - Self.millisecondBits)) }

  mutating func add(_ element: Element, at time: UInt64) {
    let entry = Entry(time: time, order: count, element: element)
    count += 1
    if time >> Self.minuteBits > minute {
      minutes[time >> Self.minuteBits, default: []].append(entry)
    } else {
      place(entry)
    }
  }

  private mutating func place(_ entry: Entry) {
    let place = entry.time >> Self.minuteBits < minute ? 0 : Self.place(of: entry.time)
    if place > millisecond { return milliseconds[place].append(entry) }
    // Now, or even earlier: among what has not been read yet.
    let index = present[read...].firstIndex { Entry.isBefore(entry, $0) } ?? present.endIndex
    present.insert(entry, at: index)
  }

  private static func place(of time: UInt64) -> Int {
    Int(time >> millisecondBits & (1 << (minuteBits - millisecondBits) - 1))
  }

  mutating func next() -> (time: UInt64, element: Element)? {
    while read == present.count {
      guard turn() else { return nil }
    }
    let entry = present[read]
    read += 1
    return (entry.time, entry.element)
  }

  /// To the next millisecond that has something; false when there is none.
  private mutating func turn() -> Bool {
    present.removeAll(keepingCapacity: true)
    read = 0
    millisecond += 1
    while millisecond < milliseconds.count, milliseconds[millisecond].isEmpty { millisecond += 1 }
    if millisecond == milliseconds.count { return turnMinute() }
    swap(&present, &milliseconds[millisecond])
    present.sort(by: Entry.isBefore)
    return true
  }

  private mutating func turnMinute() -> Bool {
    guard let next = minutes.keys.min(), let entries = minutes.removeValue(forKey: next) else {
      millisecond = milliseconds.count - 1
      return false
    }
    minute = next
    // Before the first: each finds its place.
    millisecond = -1
    for entry in entries { place(entry) }
    return true
  }
}
