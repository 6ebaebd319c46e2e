import Bytes
import EventLoop

/// What this slot's sockets have said and Redis has not confirmed yet, in order, in the slot's pages: a process that
/// dies, or a connection that ends, leaves it to be sent again. Each entry has a number, by which readers know one
/// that they have had.
///
///     entry: length of the head (4), length of the payload (4), number (8), head, payload, up to a multiple of 8
@safe
final class PublishLog {
  struct Entry {
    let number: UInt64
    let head: Range<Int>
    let payload: Range<Int>
    let end: UInt64
  }

  private let pages: SharedPages
  private let start: Int
  private let size = UInt64(SlotPages.Room.logBytes)
  private let commons: PageArray<SlotCommons>
  /// The oldest unconfirmed entry.
  private let confirmed: PageWord
  private let lengths: PageArray<UInt32>
  private let numbers: PageArray<UInt64>

  private static let headBytes: UInt64 = 16
  /// Stands where no further entry fits before the log begins anew.
  private static let filler = UInt32.max

  init(_ slot: SlotPages, commons: PageArray<SlotCommons>) {
    pages = slot.pages
    start = slot.layout.roomAt + SlotPages.Room.logAt
    self.commons = commons
    confirmed = slot.pages.word(at: slot.layout.roomAt + SlotPages.Room.publishedAt)
    lengths = slot.pages.array(of: UInt32.self, at: start, count: SlotPages.Room.logBytes / 4)
    numbers = slot.pages.array(of: UInt64.self, at: start, count: SlotPages.Room.logBytes / 8)
  }

  var begin: UInt64 { confirmed.value }
  var end: UInt64 { commons[0].publishedEnd }
  var isEmpty: Bool { begin == end }

  /// The number the next entry will have.
  var nextNumber: UInt64 { commons[0].published + 1 }

  /// Belongs in a change of the stream that said it. False: the log is full.
  func append(_ head: Span<UInt8>, _ payload: Span<UInt8>) -> Bool {
    let needed = (Self.headBytes + UInt64(head.count) + UInt64(payload.count) + 7) & ~7
    var position = end
    let left = size - position % size
    if left < needed {
      guard position - begin + left + needed <= size else { return false }
      lengths[word(position)] = Self.filler
      position += left
    }
    guard position - begin + needed <= size, needed <= size else { return false }
    let place = Int(position % size)
    lengths[place / 4] = UInt32(head.count)
    lengths[place / 4 + 1] = UInt32(payload.count)
    numbers[place / 8 + 1] = nextNumber
    pages.write(head, at: start + place + Int(Self.headBytes))
    pages.write(payload, at: start + place + Int(Self.headBytes) + head.count)
    commons[0].published += 1
    commons[0].publishedEnd = position + needed
    return true
  }

  /// The entry at a position, for positions from `begin` on; nil at the end, or where nothing of ours stands.
  func entry(at position: UInt64) -> Entry? {
    var position = position
    guard position < end else { return nil }
    if lengths[word(position)] == Self.filler {
      position += size - position % size
      guard position < end else { return nil }
    }
    let place = Int(position % size)
    let head = Int(lengths[place / 4])
    let payload = Int(lengths[place / 4 + 1])
    let needed = (Self.headBytes + UInt64(head) + UInt64(payload) + 7) & ~7
    guard needed <= end - position, place + Int(needed) <= Int(size) else { return nil }
    let first = start + place + Int(Self.headBytes)
    return Entry(
      number: numbers[place / 8 + 1], head: first..<first + head,
      payload: first + head..<first + head + payload,
      end: position + needed)
  }

  /// Redis has all before `position`.
  func confirm(upTo position: UInt64) { confirmed.value = min(max(position, begin), end) }

  func withBytes(_ range: Range<Int>, _ body: (Span<UInt8>) -> Void) {
    pages.withBytes(at: range.lowerBound, count: range.count, body)
  }

  private func word(_ position: UInt64) -> Int { Int(position % size) / 4 }
}
