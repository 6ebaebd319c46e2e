import Bytes
import EventLoop
import Testing

@testable import Server

@Suite struct PublishLogTests {
  private static let size = SlotPages.Room.logBytes

  private struct Desk {
    let log: PublishLog
    let commons: PageArray<SlotCommons>
    private let pages: (SlotPages, SharedPages)

    init() throws {
      let slot = try SlotPages(streams: 64)
      let more = try SharedPages(name: "test-commons", byteCount: 4096)
      commons = more.array(of: SlotCommons.self, at: 0, count: 1)
      log = PublishLog(slot, commons: commons)
      pages = (slot, more)
    }

    func append(_ head: [UInt8], _ payload: [UInt8], receipt: String = "") -> Bool {
      log.append(from: StreamID(number: 5), head.span, payload.span, receipt: receipt.utf8.span)
    }

    func read(at position: UInt64) -> (number: UInt64, head: [UInt8], payload: [UInt8], end: UInt64)? {
      guard let entry = log.entry(at: position) else { return nil }
      var head: [UInt8] = []
      var payload: [UInt8] = []
      log.withBytes(entry.head) { head = $0.copied() }
      log.withBytes(entry.payload) { payload = $0.copied() }
      return (entry.number, head, payload, entry.end)
    }
  }

  private static func bytes(_ count: Int, _ seed: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ seed) }
  }

  @Test("an entry of each length is read back, and the next one behind it")
  func lengths() throws {
    let desk = try Desk()
    var position = desk.log.begin
    for length in 0...70 {
      let (head, payload) = (Self.bytes(length % 9, 3), Self.bytes(length, length))
      #expect(desk.log.nextNumber == UInt64(length + 1))
      #expect(desk.append(head, payload))
      let entry = try #require(desk.read(at: position))
      #expect(entry.number == UInt64(length + 1) && entry.head == head && entry.payload == payload)
      position = entry.end
      #expect(position == desk.log.end && position % 8 == 0)
    }
    #expect(desk.log.entry(at: position) == nil)
  }

  @Test("a command and who wants to know of it are found again")
  func receipts() throws {
    let desk = try Desk()
    #expect(desk.append([1], [2]))
    let stream = StreamID(number: 3 << 32 | 9)
    let words = Array("HGET\u{0}k".utf8)
    let isTaken = desk.log.append(
      .command, from: stream, Span(), words.span, receipt: "\"a\"".utf8.span)
    #expect(isTaken)
    let first = try #require(desk.log.entry(at: desk.log.begin))
    #expect(first.kind == .message && desk.log.receipt(of: first) == nil)
    let second = try #require(desk.log.entry(at: first.end))
    let receipt = try #require(desk.log.receipt(of: second))
    #expect(second.kind == .command && receipt.stream == stream && receipt.id == "\"a\"")
    #expect(second.end == desk.log.end)
  }

  @Test("round after round every entry comes out once and whole", arguments: [99_991, 1 << 20, 3_000_001])
  func wrap(length: Int) throws {
    let desk = try Desk()
    var position = desk.log.begin
    for round in 1...(3 * Self.size / length) {
      let payload = [UInt8](repeating: UInt8(truncatingIfNeeded: round), count: length)
      #expect(desk.append([1, 2, 3], payload))
      let entry = try #require(desk.read(at: position))
      #expect(entry.number == UInt64(round) && entry.head == [1, 2, 3] && entry.payload == payload)
      position = entry.end
      desk.log.confirm(upTo: position)
      #expect(desk.log.isEmpty)
    }
    #expect(desk.log.end > UInt64(2 * Self.size))
  }

  @Test("a full log takes nothing more, keeps what it holds, and goes on when room is made")
  func full() throws {
    let desk = try Desk()
    let payload = [UInt8](repeating: 7, count: (1 << 20) - 32)
    var count = 0
    while desk.append([], payload) { count += 1 }
    #expect(count == Self.size >> 20)
    #expect(!desk.append([], []), "not even an empty one fits")
    #expect(desk.log.nextNumber == UInt64(count + 1))
    let first = try #require(desk.read(at: desk.log.begin))
    #expect(first.number == 1 && first.payload == payload)
    desk.log.confirm(upTo: first.end)
    #expect(desk.append([], payload))
    #expect(!desk.append([], []))
    var (position, seen) = (desk.log.begin, UInt64(1))
    while let entry = desk.read(at: position) {
      seen += 1
      #expect(entry.number == seen && entry.payload == payload)
      position = entry.end
    }
    #expect(seen == UInt64(count + 1))
  }

  @Test("confirming never goes back, and never beyond what was said")
  func confirm() throws {
    let desk = try Desk()
    #expect(desk.append([1], [2]) && desk.append([3], [4]))
    let end = desk.log.end
    desk.log.confirm(upTo: .max)
    #expect(desk.log.begin == end)
    desk.log.confirm(upTo: 0)
    #expect(desk.log.begin == end && desk.log.isEmpty)
  }

  @Test("what an undone change has said is not there, and the next takes its place")
  func undone() throws {
    let desk = try Desk()
    #expect(desk.append([], [1]))
    let before = desk.commons[0]
    #expect(desk.append([], [2, 2, 2]))
    desk.commons[0] = before
    #expect(desk.append([], [3]))
    let first = try #require(desk.read(at: desk.log.begin))
    let second = try #require(desk.read(at: first.end))
    #expect(second.number == 2 && second.payload == [3])
    #expect(desk.read(at: second.end) == nil)
  }

  @Test("a log that nobody reads takes a message of the longest kind wherever it stands", arguments: 0..<8)
  func longest(at eighth: Int) throws {
    let desk = try Desk()
    let longest = [UInt8](repeating: 5, count: 16 << 20)
    for _ in 0..<eighth {
      #expect(desk.append([], [UInt8](repeating: 1, count: Self.size / 8 - 32)))
      desk.log.confirm(upTo: desk.log.end)
    }
    #expect(desk.append([UInt8](repeating: 9, count: 1000), longest))
  }
}
