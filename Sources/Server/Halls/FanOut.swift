import Bytes
import EventLoop
import FleetState
import WireProtocol

/// Carries one batch to every socket of its audience, a bounded number of them a turn, so that pings, accepts and
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
  private let pages: FanOutPages
  private var walk: Walk
  /// Who has not taken what came before costs most: they are told when everybody else has been.
  private var laggards: [StreamID] = []
  private var isAmongLaggards = false
  private var count = Count()
  private var done: ((Count) -> Void)?

  /// A socket that cannot follow now but can read on later has fallen behind.
  var onBehind: ((StreamID) -> Void)?

  init(_ sockets: Sockets, pages: FanOutPages) {
    self.sockets = sockets
    self.pages = pages
    walk = Walk(.halls([]), of: sockets)
  }

  private(set) var isBusy = false

  /// Begins with the batch, of which it takes what there is room for: the rest stays in it. `done` is called when the
  /// last socket has been told. One batch at a time.
  func begin(_ batch: Batch, cursor place: EntryID?, seen: Seen?, done: @escaping (Count) -> Void) {
    precondition(!isBusy, "one batch at a time")
    let count = batch.fitting(entries: SlotPages.Room.mostEntries, bytes: SlotPages.Room.framesBytes)
    let isAll = count == batch.entries.count
    // Of a batch that is told in parts, place and numbers hold when its last part has its turn.
    let last = isAll ? place : batch.entries.prefix(count).last?.id
    let taken = pages.begin(batch, cursor: last, seen: isAll ? seen : nil)
    // What is too long for anybody's pages is nobody's.
    batch.removeFirst(max(taken, 1))
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

  /// The same for one that joins what is being told just now.
  func joined(_ stream: StreamID, _ key: AudienceKey) {
    if isBusy, pages.audience.keys.contains(key) { welcome(stream) }
  }

  private func carryAll(_ done: @escaping (Count) -> Void) {
    isBusy = true
    self.done = done
    count = Count()
    laggards.removeAll(keepingCapacity: true)
    isAmongLaggards = false
    walk = Walk(pages.audience, of: sockets)
    for index in 0..<pages.entryCount {
      let entry = pages.entries[index]
      if entry.hasOrigin == 1 {
        let origin = StreamID(number: entry.origin)
        if sockets.table.holds(origin) { sockets[origin].spoken = pages.number }
      }
      if entry.except != 0 {
        for stream in sockets.memberships.members(of: AudienceKey(value: entry.except)) {
          sockets[stream].spoken = pages.number
        }
      }
    }
    carry()
  }

  private func carry() {
    if !isBusy { return }
    let number = pages.number
    var socketsLeft = sockets.toldPerTurn
    var bytesLeft = Self.bytesPerTurn
    while socketsLeft > 0, bytesLeft > 0 {
      guard let stream = next() else { return finish() }
      // Somebody from behind the walk may have been moved to this seat.
      if sockets[stream].delivered == number { continue }
      bytesLeft -= deliver(number, to: stream)
      socketsLeft -= 1
    }
    sockets.loop.next { [self] in carry() }
  }

  private func next() -> StreamID? {
    if !isAmongLaggards, let stream = walk.next() { return stream }
    isAmongLaggards = true
    while let stream = laggards.popLast() {
      if sockets.isTalking(stream) { return stream }
    }
    return nil
  }

  private func finish() {
    pages.end()
    isBusy = false
    let done = done
    self.done = nil
    done?(count)
  }

  /// Returns for how many bytes it was.
  private func deliver(_ number: UInt32, to stream: StreamID) -> Int {
    let record = sockets[stream]
    if record.course == .behind {
      // It reads on by itself.
      sockets.table.change(stream) { sockets[stream].delivered = number }
      return 0
    }
    let plain = pages.place(of: Run(record.dress, deflated: false))
    // It came after the batch was rendered, and before it is told; nobody of its kind was here.
    if plain.isEmpty, record.dress == .sluice { return letFallBehind(stream, number) }
    let pending = sockets.table.pendingBytes(of: stream)
    if pending > 0, !isAmongLaggards {
      laggards.append(stream)
      return 0
    }
    count.total += 1
    // Counted since it last had nothing unread: some of them it may have by now.
    let unread = pending == 0 ? 0 : Int(record.unread)
    if pending > Self.slowAt || unread >= sockets.mostUnread {
      count.failed += 1
      return giveUp(on: stream, number)
    }
    if record.spoken == number || record.course == .ahead { return deliverSome(number, plain, to: stream) }
    let place = record.deflateBits == 15 ? deflated(record.dress, or: plain) : plain
    sockets.table.forward(at: place.lowerBound, count: place.count, to: stream) {
      sockets[stream].delivered = number
      sockets[stream].unread = UInt32(clamping: unread + pages.entryCount)
    }
    tally(pages.entryCount)
    return place.count
  }

  private func deflated(_ dress: Dress, or plain: Range<Int>) -> Range<Int> {
    let place = pages.place(of: Run(dress, deflated: true))
    return place.isEmpty ? plain : place
  }

  /// All but what this socket said itself, is left out of, or has had.
  private func deliverSome(_ number: UInt32, _ place: Range<Int>, to stream: StreamID) -> Int {
    var told = 0
    var bytes = 0
    let run = Run(sockets[stream].dress, deflated: false)
    sockets.table.change(stream) {
      sockets[stream].delivered = number
      var start = place.lowerBound
      for index in 0..<pages.entryCount {
        let entry = pages.entries[index]
        let end = min(place.lowerBound + Int(entry.ends[run.rawValue]), place.upperBound)
        if isMeant(entry, for: stream), start < end {
          sockets.table.pages.withBytes(at: start, count: end - start) {
            _ = sockets.table.send($0, to: stream)
          }
          told += 1
          bytes += end - start
        }
        start = end
      }
    }
    if told == 0 { count.total -= 1 }
    tally(told)
    return bytes
  }

  private func isMeant(_ entry: FanOutEntry, for stream: StreamID) -> Bool {
    if entry.hasOrigin == 1 && entry.origin == stream.number { return false }
    if entry.except != 0 && sockets.hasJoined(stream, AudienceKey(value: entry.except)) { return false }
    guard sockets[stream].course == .ahead, entry.hasID == 1 else { return true }
    if entry.id <= sockets[stream].place { return false }
    sockets[stream].course = .live
    return true
  }

  private func tally(_ messages: Int) {
    let slot = sockets.slot
    sockets.board[slot].messagesOut &+= UInt64(messages)
    sockets.board[slot].deliveries &+= UInt64(messages)
  }

  /// A reader that does not keep up costs only itself. One that can read on later does; others are sent away.
  private func giveUp(on stream: StreamID, _ number: UInt32) -> Int {
    sockets.board[sockets.slot].slowConsumers &+= 1
    if sockets[stream].dress == .sluice, pages.entryCount > 0, pages.entries[0].hasID == 1 {
      return letFallBehind(stream, number)
    }
    sockets.count(.slowConsumer)
    sockets.table.change(stream) {
      sockets[stream].delivered = number
      sockets.close(stream, .tryAgainLater, "too slow")
    }
    return 0
  }

  /// It reads on in the stream from before this batch. What is in no stream, it misses.
  private func letFallBehind(_ stream: StreamID, _ number: UInt32) -> Int {
    let isInStream = pages.entryCount > 0 && pages.entries[0].hasID == 1
    sockets.table.change(stream) {
      sockets[stream].delivered = number
      if isInStream { sockets[stream].fallBehind(pages.entries[0].id.previous) }
    }
    if isInStream { onBehind?(stream) }
    return 0
  }
}
