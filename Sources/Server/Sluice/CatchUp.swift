import Bytes
import EventLoop
import FleetState
import RedisClient

/// Reads on for sockets that could not follow, or that have come back: from the place each has come to, until it is
/// where its worker is.
///
/// In: sockets that are behind. Out: what they have missed, in order, each entry once, and `onArrived`. One read serves
/// all of them, from the one that is furthest behind; a reader that still does not read is left where it is.
final class CatchUp {
  /// It is where its worker is; in a change of the stream.
  var onArrived: ((StreamID) -> Void)?
  /// There are entries it can never be given, and it is given none behind them yet; in a change of the stream.
  var onLost: ((StreamID) -> Void)?

  private let sockets: Sockets
  private let redis: Redis
  private let bus: Bus
  private let key: String
  private var waiting: Set<StreamID> = []
  private var isReading = false
  private var isPlanned = false
  private var chunk = CatchUp.mostEntries

  static let mostEntries = 256
  /// What a read may bring, roughly, and one socket be told in one go.
  private static let bytesPerRead = 4 << 20
  private static let bytesPerSocket = 512 << 10
  private static let pause = Duration.milliseconds(20)

  init(_ sockets: Sockets, redis: Redis, bus: Bus, keys: RedisKeys) {
    self.sockets = sockets
    self.redis = redis
    self.bus = bus
    key = keys.bus(0)
  }

  var count: Int { waiting.count }

  func add(_ stream: StreamID) {
    guard waiting.insert(stream).inserted else { return }
    sockets.loop.next { [weak self] in self?.proceed() }
  }

  func forgetAll() { waiting.removeAll() }

  // MARK: Reading

  private func proceed() {
    if isReading || sockets.isSuspended { return }
    waiting = waiting.filter { sockets.isTalking($0) && sockets[$0].course == .behind }
    let takers = waiting.filter { sockets.table.pendingBytes(of: $0) <= FanOut.slowAt / 4 }
    guard let from = takers.map({ sockets[$0].place }).min() else { return waiting.isEmpty ? () : plan() }
    isReading = true
    let cursor = bus.cursor
    // Both in one step, so that what was trimmed in between is known.
    redis.send("MULTI")
    redis.send("XINFO", "STREAM", key)
    redis.send("XRANGE", key, "(\(from)", "+", "COUNT", "\(chunk)")
    redis.send("EXEC") { [weak self] answer in self?.take(answer, from: from, cursor: cursor, for: takers) }
  }

  private func plan() {
    if isPlanned { return }
    isPlanned = true
    sockets.loop.after(Self.pause) { [weak self] in
      self?.isPlanned = false
      self?.proceed()
    }
  }

  private func take(_ answer: Redis.Answer, from: EntryID, cursor: EntryID, for takers: Set<StreamID>) {
    isReading = false
    if sockets.isSuspended { return }
    guard case .success(let value) = answer, value.elements.count == 2 else { return plan() }
    let entries = value.elements[1].entries
    let ends = Ends(value.elements[0])
    let openers = Resent.openers(of: entries)
    if openers.isEmpty { return tell(entries, Seen(), ends, from: from, cursor: cursor, to: takers) }
    isReading = true
    Resent.ask(openers, at: from, of: key, redis) { [weak self] seen in
      guard let self else { return }
      isReading = false
      if sockets.isSuspended { return }
      guard let seen else { return plan() }
      tell(entries, seen, ends, from: from, cursor: cursor, to: takers)
    }
  }

  private func tell(
    _ entries: Resent.Read, _ seen: Seen, _ ends: Ends, from: EntryID, cursor: EntryID,
    to takers: Set<StreamID>
  ) {
    let isEnd = entries.count < chunk
    let runs = sockets.runs(for: .halls(.all))
    let passage = Passage(entries, after: seen, runs: runs, publisher: bus.publisher, sockets)
    chunk = passage.byteCount > Self.bytesPerRead ? max(1, chunk / 4) : min(Self.mostEntries, chunk * 2)
    // Where the stream ended, everything up to where the worker was by then has been read.
    let covered = isEnd ? max(entries.last?.id ?? from, cursor) : entries.last?.id ?? from
    for stream in takers where sockets.isTalking(stream) && sockets[stream].course == .behind {
      sockets.table.change(stream) { tell(stream, passage, ends, covered) }
    }
    proceed()
  }

  private func tell(_ stream: StreamID, _ passage: Passage, _ ends: Ends, _ covered: EntryID) {
    let place = sockets[stream].place
    if let lost = ends.lost(behind: place) {
      // Of a Redis that has lost its newest entries, all it may have said behind those is in doubt.
      sockets[stream].lose(from: min(place, lost).next, to: max(place, lost))
      sockets[stream].place = place < lost ? lost : bus.cursor
      onLost?(stream)
    }
    var bytes = 0
    for index in passage.entries.indices {
      let entry = passage.entries[index]
      if entry.id <= sockets[stream].place { continue }
      if bytes > Self.bytesPerSocket { return }
      if passage.isMeant(entry, for: stream) {
        bytes += passage.say(index, to: stream)
        sockets[stream].replayed += 1
      }
      sockets[stream].place = entry.id
    }
    sockets[stream].place = max(sockets[stream].place, covered)
    // What has been told meanwhile is still to be read; what is told from now on is told by others.
    if sockets[stream].place < bus.cursor { return }
    sockets[stream].course = .ahead
    onArrived?(stream)
  }
}

/// What is known of the two ends of the stream at the moment of a read.
struct Ends: Equatable {
  var first: EntryID?
  var last = EntryID.zero
  /// Nothing was ever taken out.
  var isWhole = false

  init(first: EntryID?, last: EntryID, isWhole: Bool) {
    self.first = first
    self.last = last
    self.isWhole = isWhole
  }

  /// The answer to `XINFO STREAM`; one that says less counts as less.
  init(_ info: RedisValue) {
    let words = info.elements
    var length: Int64?
    var added: Int64?
    for index in stride(from: 0, to: words.count - 1, by: 2) {
      let value = words[index + 1]
      switch words[index].text {
      case "length": length = value.integer
      case "entries-added": added = value.integer
      case "last-generated-id": last = value.text.flatMap { EntryID($0) } ?? last
      case "first-entry": first = value.elements.first?.text.flatMap { EntryID($0) }
      default: break
      }
    }
    isWhole = added != nil && added == length
  }

  /// The last entry that somebody at `place` may miss; nil: all that comes behind it is still there.
  ///
  /// What was taken out may have ended exactly at `place`. Nobody can know, so it counts as missed.
  func lost(behind place: EntryID) -> EntryID? {
    // Redis has lost its newest entries.
    if last < place { return last }
    if isWhole || last == place { return nil }
    let newestGone = (first ?? last.next).previous
    return place < newestGone ? newestGone : nil
  }
}
