import Bytes
import EventLoop
import FleetState
import RedisClient
import WireProtocol

/// What is said, from one client or operator to every socket it is meant for, of every worker: one `XADD`, each
/// worker's `XREAD`, one rendering, one write per socket.
///
/// In: `publish`, `announce`. Out: fan-outs, `onAct` for what is to be done, and figures for those who asked. While a
/// batch is on its way nothing more is read, so a busy bus is carried in fewer, larger batches. Without Redis the
/// sockets of this worker still hear each other.
final class Bus {
  /// An operator's message has reached the sockets of this worker.
  var onTold: ((_ request: UInt64, _ slot: Int, FanOut.Count) -> Void)?
  /// A message that this worker asked about has reached so many sockets of one worker somewhere.
  var onAnswer: ((_ request: UInt64, _ count: Int) -> Void)?
  /// Something that is to be done rather than said; it can come twice. With our own socket that it came from.
  var onAct: ((BusEntry, StreamID?) -> Void)?
  /// From now on nothing that is published can be missed.
  var onFollowing: (() -> Void)?

  let publisher: Publisher
  private let sockets: Sockets
  private let makeReader: (EntryID?) -> RedisStreams
  private var reader: RedisStreams?
  private let pages: FanOutPages
  private let fanOut: FanOut
  private let agenda: Agenda
  private var seen = Seen()
  private var isCarrying = false
  /// Redis is known to be away, so that what is said is for this worker's sockets alone.
  private(set) var isAway = false
  /// Said while Redis is away, or for this worker's sockets alone.
  private let localAgenda: Agenda

  private static let localBytes = 4 << 20

  init(
    _ sockets: Sockets, redis: Redis, endpoint: RedisEndpoint, keys: RedisKeys, address: Publisher.Address
  ) {
    self.sockets = sockets
    let key = keys.bus(0)
    publisher = Publisher(sockets, redis: redis, key: key, address: address)
    pages = FanOutPages(sockets.slotPages)
    fanOut = FanOut(sockets, pages: pages)
    agenda = Agenda(sockets)
    localAgenda = Agenda(sockets)
    makeReader = { [loop = sockets.loop] cursor in
      RedisStreams(
        loop, endpoint: endpoint, name: "sluice-bus-\(address.slot)", streams: [(key, cursor)],
        epochKey: keys.epoch)
    }
    sockets.loop.atEndOfTurn { [unowned self] in carryLocally() }
  }

  /// Goes on where the pages say the slot has come to.
  func open() {
    seen = pages.seen
    let reader = makeReader(pages.cursor)
    reader.onEntry = { [unowned self] _, entry in take(entry) }
    reader.onBatch = { [unowned self] in carry() }
    reader.onNotice = { [unowned self] in note($0) }
    reader.onHealth = { [unowned self] in if $0 != .up { lostSight() } }
    reader.onFollowing = { [unowned self] in
      sockets.board[sockets.slot].isFollowing = 1
      onFollowing?()
    }
    self.reader = reader
    reader.open()
    fanOut.resume { [unowned self] _ in carry() }
    connected()
  }

  func close() {
    reader?.close()
    reader = nil
    agenda.clear()
    localAgenda.clear()
    publisher.reset()
    fanOut.abandon()
  }

  func welcome(_ stream: StreamID) { fanOut.welcome(stream) }

  func joined(_ stream: StreamID, _ key: AudienceKey) { fanOut.joined(stream, key) }

  func connected() {
    isAway = false
    publisher.connected()
  }

  func disconnected() { isAway = true }

  // MARK: Out

  /// A client's word, for whomever the entry says. Belongs in a change of that client's stream. False: it could not be
  /// taken.
  @discardableResult
  func publish(_ stream: StreamID, _ entry: BusEntry, _ payload: Span<UInt8>) -> Bool {
    sockets.board[sockets.slot].published &+= 1
    let isTaken = isAway ? tell(entry, payload, own: stream) : publisher.publish(stream, entry, payload)
    if !isTaken { sockets.count(.publishFailed) }
    return isTaken
  }

  /// Tells the sockets of this worker alone.
  @discardableResult
  func tell(_ entry: BusEntry, _ payload: Span<UInt8>, own: StreamID? = nil) -> Bool {
    if localAgenda.byteCount > Self.localBytes { return false }
    localAgenda.add(entry, payload, own: own, id: nil)
    return true
  }

  // MARK: In

  private func take(_ entry: StreamEntry) {
    guard let head = entry.value(of: BusEntry.headField), let payload = entry.value(of: BusEntry.dataField),
      let message = BusEntry(head)
    else { return }
    var own: StreamID?
    if let origin = message.origin {
      if !seen.isNew(origin) { return }
      if origin.number > 0, publisher.isOurs(origin) {
        publisher.seen(payload.count)
        own = StreamID(number: origin.connection)
      }
    }
    agenda.add(message, payload, own: own, id: entry.id)
  }

  /// Everybody is told what one read has brought; the next read waits until they are.
  private func carry() {
    guard let reader, !isCarrying else { return }
    isCarrying = true
    defer { isCarrying = false }
    reader.pause()
    while !fanOut.isBusy, let item = agenda.first {
      switch item {
      case .act(let message, let own):
        act(message, own)
        agenda.removeFirst()
      case .tell(let batch):
        let isLast = agenda.isLast
        // Where the others begin, this one ends.
        let place = isLast ? reader.cursors[0] : batch.entries.last?.id
        fanOut.begin(batch, cursor: place, seen: isLast ? seen : nil) { [unowned self] count in
          told(batch, count)
          carry()
        }
      }
    }
    if fanOut.isBusy { return }
    if pages.cursor != reader.cursors[0] { _ = pages.begin(nil, cursor: reader.cursors[0], seen: seen) }
    publisher.letGo()
    reader.resume()
  }

  /// A batch, or the part of it that there was room for, has been told.
  private func told(_ batch: Batch, _ count: FanOut.Count) {
    guard batch.isEmpty else { return }
    for asker in batch.askers {
      switch asker.kind {
      case .broadcast:
        if asker.origin.host == publisher.address.host {
          onTold?(asker.origin.connection, asker.origin.slot, count)
        }
      case .direct, .group, .hall, .task: answer(asker.origin, count.total - count.failed)
      case .claim, .close, .joins, .parts, .answer: break
      }
    }
    agenda.removeFirst()
  }

  private func answer(_ asker: BusEntry.Origin, _ count: Int) {
    if count == 0 { return }
    if publisher.isOurs(asker) { return onAnswer?(asker.connection, count) ?? () }
    var asker = asker
    asker.number = UInt64(count)
    publisher.announce(BusEntry(.answer(asker)), Span())
  }

  private func act(_ message: BusEntry, _ own: StreamID?) {
    guard case .answer(let asker) = message.kind else { return onAct?(message, own) ?? () }
    if publisher.isOurs(asker) { onAnswer?(asker.connection, Int(clamping: asker.number)) }
  }

  private func note(_ notice: RedisStreams.Notice) {
    switch notice {
    case .trimmed, .rewound:
      sockets.count(.missedEntries)
      lostSight()
    case .epoch: break
    }
  }

  private func lostSight() {
    sockets.board[sockets.slot].isFollowing = 0
    publisher.lostSight()
  }

  // MARK: Without Redis

  private func carryLocally() {
    while !fanOut.isBusy, let item = localAgenda.first {
      switch item {
      case .act(let message, let own):
        act(message, own)
        localAgenda.removeFirst()
      case .tell(let batch):
        fanOut.begin(batch, cursor: nil, seen: nil) { [unowned self] _ in
          if batch.isEmpty { localAgenda.removeFirst() }
          carry()
        }
      }
    }
  }
}
