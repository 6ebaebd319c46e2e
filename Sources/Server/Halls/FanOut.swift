import Bytes
import EventLoop
import FleetState
import WireProtocol

/// Carries one batch to every socket of a hall, a bounded number of them a turn, so that pings, accepts and
/// commands keep flowing while thousands are told.
final class FanOut {
  struct Count: Equatable {
    var total = 0
    var failed = 0
  }

  /// More unsent bytes than this and the peer is no longer waited for.
  static let slowAt = 1 << 20
  private static let bytesPerTurn = 4 << 20

  private let sockets: Sockets
  private let hall: Hall
  private let pages: FanOutPages
  private var cursor = 0
  private var count = Count()
  private var done: ((Count) -> Void)?

  init(_ sockets: Sockets, hall: Hall, pages: FanOutPages) {
    self.sockets = sockets
    self.hall = hall
    self.pages = pages
  }

  private(set) var isBusy = false

  /// Begins with the batch, of which it takes what there is room for: the rest stays in it. `done` is called when the
  /// last socket has been told. One batch at a time.
  func begin(_ batch: Batch, cursor place: EntryID?, seen: Seen?, done: @escaping (Count) -> Void) {
    precondition(!isBusy, "one batch at a time")
    let count = batch.fitting(entries: SlotPages.Room.mostEntries, bytes: SlotPages.Room.windowBytes)
    let isAll = count == batch.entries.count
    // Of a batch that is told in parts, place and numbers hold when its last part has its turn.
    let last = isAll ? place : batch.entries.prefix(count).last?.id
    let taken = pages.begin(batch, cursor: last, seen: isAll ? seen : nil)
    batch.removeFirst(taken)
    carryAll(done)
  }

  /// Goes on with the batch that somebody before us has begun.
  func resume(done: @escaping (Count) -> Void) {
    if pages.isActive { carryAll(done) }
  }

  /// Somebody else goes on with it.
  func abandon() {
    isBusy = false
    done = nil
  }

  /// A socket that comes in the middle of a batch hears only what is said afterwards.
  func welcome(_ stream: StreamID) { sockets[stream].delivered = pages.number }

  private func carryAll(_ done: @escaping (Count) -> Void) {
    isBusy = true
    self.done = done
    count = Count()
    // From the end: whoever comes meanwhile sits behind the cursor.
    cursor = sockets.population(of: hall)
    for index in 0..<pages.entryCount where pages.entries[index].hasOrigin == 1 {
      let origin = StreamID(number: pages.entries[index].origin)
      if sockets.table.holds(origin) { sockets[origin].spoken = pages.number }
    }
    carry()
  }

  private func carry() {
    if !isBusy { return }
    let number = pages.number
    let bytes = pages.plainCount
    var socketsLeft = sockets.toldPerTurn
    var bytesLeft = Self.bytesPerTurn
    while cursor > 0, socketsLeft > 0, bytesLeft > 0 {
      cursor -= 1
      // Those who left may have made the hall shorter than the cursor remembers.
      guard let stream = sockets.seat(cursor, of: hall) else { continue }
      // Somebody from behind the cursor may have been moved to this seat.
      if sockets[stream].delivered == number { continue }
      deliver(number, to: stream)
      socketsLeft -= 1
      bytesLeft -= bytes
    }
    if cursor > 0 { return sockets.loop.next { [self] in carry() } }
    pages.end()
    isBusy = false
    let done = done
    self.done = nil
    done?(count)
  }

  private func deliver(_ number: UInt32, to stream: StreamID) {
    count.total += 1
    if sockets.table.pendingBytes(of: stream) > Self.slowAt {
      count.failed += 1
      return giveUp(on: stream, number)
    }
    if sockets[stream].spoken == number { return deliverOthers(number, to: stream) }
    let isDeflated = pages.deflatedCount > 0 && sockets[stream].deflateBits == 15
    sockets.table.forward(
      at: isDeflated ? pages.deflatedAt : pages.plainAt,
      count: isDeflated ? pages.deflatedCount : pages.plainCount, to: stream
    ) { sockets[stream].delivered = number }
    tally(pages.entryCount)
  }

  /// All but what this socket said itself.
  private func deliverOthers(_ number: UInt32, to stream: StreamID) {
    var told = 0
    sockets.table.change(stream) {
      sockets[stream].delivered = number
      var start = 0
      for index in 0..<pages.entryCount {
        let entry = pages.entries[index]
        let end = min(Int(entry.end), pages.plainCount)
        if entry.hasOrigin == 0 || entry.origin != stream.number, start < end {
          sockets.table.pages.withBytes(at: pages.plainAt + start, count: end - start) {
            _ = sockets.table.send($0, to: stream)
          }
          told += 1
        }
        start = end
      }
    }
    tally(told)
  }

  private func tally(_ messages: Int) {
    let slot = sockets.slot
    sockets.board[slot].messagesOut &+= UInt64(messages)
    sockets.board[slot].deliveries &+= UInt64(messages)
  }

  /// A reader that does not keep up costs only itself.
  private func giveUp(on stream: StreamID, _ number: UInt32) {
    sockets.count(.slowConsumer)
    sockets.board[sockets.slot].slowConsumers &+= 1
    sockets.table.change(stream) {
      sockets[stream].delivered = number
      sockets.close(stream, .tryAgainLater, "too slow")
    }
  }
}
