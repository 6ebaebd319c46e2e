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
  private static let socketsPerTurn = 512
  private static let bytesPerTurn = 4 << 20

  private let sockets: Sockets
  private let hall: Hall
  private var batch: Batch?
  private var number: UInt32 = 0
  private var cursor = 0
  private var count = Count()
  private var done: ((Count) -> Void)?

  init(_ sockets: Sockets, hall: Hall) {
    self.sockets = sockets
    self.hall = hall
  }

  var isBusy: Bool { batch != nil }

  /// Begins with the batch; `done` is called when the last socket has been told. One batch at a time.
  func begin(_ batch: Batch, done: @escaping (Count) -> Void) {
    precondition(self.batch == nil, "one batch at a time")
    self.batch = batch
    self.done = done
    number &+= 1
    count = Count()
    // From the end: whoever comes meanwhile sits behind the cursor.
    cursor = sockets.population(of: hall)
    for entry in batch.entries {
      if let origin = entry.origin, sockets.table.holds(origin) { sockets[origin].spoken = number }
    }
    carry()
  }

  /// A socket that comes in the middle of a batch hears only what is said afterwards.
  func welcome(_ stream: StreamID) { sockets[stream].delivered = number }

  private func carry() {
    guard let batch else { return }
    var socketsLeft = Self.socketsPerTurn
    var bytesLeft = Self.bytesPerTurn
    while cursor > 0, socketsLeft > 0, bytesLeft > 0 {
      cursor -= 1
      // Those who left may have made the hall shorter than the cursor remembers.
      guard let stream = sockets.seat(cursor, of: hall) else { continue }
      // Somebody from behind the cursor may have been moved to this seat.
      if sockets[stream].delivered == number { continue }
      sockets[stream].delivered = number
      deliver(batch, to: stream)
      socketsLeft -= 1
      bytesLeft -= batch.plain.count
    }
    if cursor > 0 { return sockets.loop.next { [self] in carry() } }
    self.batch = nil
    let done = done
    self.done = nil
    done?(count)
  }

  private func deliver(_ batch: Batch, to stream: StreamID) {
    let isOwn = sockets[stream].spoken == number
    count.total += 1
    if sockets.table.pendingBytes(of: stream) > Self.slowAt {
      count.failed += 1
      return giveUp(on: stream)
    }
    if isOwn {
      deliverOthers(batch, to: stream)
    } else {
      deliverAll(batch, to: stream)
      tally(batch.entries.count)
    }
  }

  private func deliverAll(_ batch: Batch, to stream: StreamID) {
    if batch.hasDeflated && sockets[stream].deflateBits == 15 {
      send(batch.deflated, to: stream)
    } else {
      send(batch.plain, to: stream)
    }
  }

  private func send(_ frames: borrowing ByteBuffer, to stream: StreamID) {
    sockets.table.send(frames.bytes, to: stream)
  }

  /// All but what this socket said itself.
  private func deliverOthers(_ batch: Batch, to stream: StreamID) {
    var start = 0
    var told = 0
    for entry in batch.entries {
      if entry.origin != stream {
        send(batch.plain, from: start, to: entry.end, stream)
        told += 1
      }
      start = entry.end
    }
    tally(told)
  }

  private func send(_ frames: borrowing ByteBuffer, from start: Int, to end: Int, _ stream: StreamID) {
    sockets.table.send(frames.bytes.extracting(start..<end), to: stream)
  }

  private func tally(_ messages: Int) {
    let slot = sockets.slot
    sockets.board[slot].messagesOut &+= UInt64(messages)
    sockets.board[slot].deliveries &+= UInt64(messages)
  }

  /// A reader that does not keep up costs only itself.
  private func giveUp(on stream: StreamID) {
    sockets.count(.slowConsumer)
    sockets.board[sockets.slot].slowConsumers &+= 1
    sockets.close(stream, .tryAgainLater, "too slow")
  }
}
