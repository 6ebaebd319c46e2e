import Bytes
import EventLoop

/// What this slot's sockets have said and Redis has not confirmed yet, in order, in the slot's pages: a process that
/// dies, or a connection that ends, leaves it to be sent again. Each entry has a number, by which readers know one
/// that they have had.
///
///     entry: lengths of head, payload and receipt (4 each), kind (4), number (8), socket (8),
///            head, payload, receipt, up to a multiple of 8
@safe
final class PublishLog {
  enum Kind: UInt32 {
    /// For the stream: a line, and what it says.
    case message
    /// A command to Redis, its words separated by zeros. It may be carried out twice.
    case command
  }

  /// Who wants to know that Redis has it, and by which words.
  struct Receipt {
    let stream: StreamID
    let id: String
  }

  struct Entry {
    let kind: Kind
    let number: UInt64
    /// The socket that said it.
    let stream: StreamID
    let head: Range<Int>
    let payload: Range<Int>
    let receipt: Range<Int>
    let end: UInt64
  }

  private let pages: SharedPages
  private let start: Int
  private let size = UInt64(SlotPages.Room.logBytes)
  private let commons: PageArray<SlotCommons>
  private let lengths: PageArray<UInt32>
  private let numbers: PageArray<UInt64>

  private static let headBytes: UInt64 = 32
  /// Stands where no further entry fits before the log begins anew.
  private static let filler = UInt32.max

  init(_ slot: SlotPages, commons: PageArray<SlotCommons>) {
    pages = slot.pages
    start = slot.layout.roomAt + SlotPages.Room.logAt
    self.commons = commons
    lengths = slot.pages.array(of: UInt32.self, at: start, count: SlotPages.Room.logBytes / 4)
    numbers = slot.pages.array(of: UInt64.self, at: start, count: SlotPages.Room.logBytes / 8)
  }

  var begin: UInt64 { commons[0].confirmedEnd }
  var end: UInt64 { commons[0].publishedEnd }
  var isEmpty: Bool { begin == end }

  /// The number the next entry will have.
  var nextNumber: UInt64 { commons[0].published + 1 }

  /// Belongs in a change of the stream that said it. False: the log is full.
  func append(
    _ kind: Kind = .message, from stream: StreamID, _ head: Span<UInt8>, _ payload: Span<UInt8>,
    receipt: Span<UInt8> = Span()
  ) -> Bool {
    let needed = Self.bytes(head.count, payload.count, receipt.count)
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
    lengths[place / 4 + 2] = UInt32(receipt.count)
    lengths[place / 4 + 3] = kind.rawValue
    numbers[place / 8 + 2] = nextNumber
    numbers[place / 8 + 3] = stream.number
    let words = start + place + Int(Self.headBytes)
    pages.write(head, at: words)
    pages.write(payload, at: words + head.count)
    pages.write(receipt, at: words + head.count + payload.count)
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
    let receipt = Int(lengths[place / 4 + 2])
    let needed = Self.bytes(head, payload, receipt)
    guard needed <= end - position, place + Int(needed) <= Int(size),
      let kind = Kind(rawValue: lengths[place / 4 + 3])
    else { return nil }
    let first = start + place + Int(Self.headBytes)
    let second = first + head
    let third = second + payload
    return Entry(
      kind: kind, number: numbers[place / 8 + 2], stream: StreamID(number: numbers[place / 8 + 3]),
      head: first..<second, payload: second..<third, receipt: third..<third + receipt,
      end: position + needed)
  }

  /// Redis has all before `position`. With an answer to somebody, it belongs in the change of that stream.
  func confirm(upTo position: UInt64) { commons[0].confirmedEnd = min(max(position, begin), end) }

  func receipt(of entry: Entry) -> Receipt? {
    if entry.receipt.isEmpty { return nil }
    let id = pages.withBytes(at: entry.receipt.lowerBound, count: entry.receipt.count) { $0.copied() }
    return Receipt(stream: entry.stream, id: String(decoding: id, as: UTF8.self))
  }

  private static func bytes(_ head: Int, _ payload: Int, _ receipt: Int) -> UInt64 {
    (headBytes + UInt64(head) + UInt64(payload) + UInt64(receipt) + 7) & ~7
  }

  func withBytes(_ range: Range<Int>, _ body: (Span<UInt8>) -> Void) {
    pages.withBytes(at: range.lowerBound, count: range.count, body)
  }

  private func word(_ position: UInt64) -> Int { Int(position % size) / 4 }
}
