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
  /// Something that is to be done rather than said; it can come twice. With our own socket that it came from, and its
  /// place in the stream.
  var onAct: ((BusEntry, StreamID?, EntryID?) -> Void)?
  /// From now on nothing that is published can be missed.
  var onFollowing: (() -> Void)?

  let publisher: Publisher
  /// Redis answers, and does not give what is said: how it is doing. Until `onFollowing`.
  var onDenied: ((RedisHealth) -> Void)?
  /// What a socket of `sluice.v1` has said Redis does not take.
  var onRefused: ((StreamID) -> Void)?
  /// A socket has fallen behind and is to read on by itself.
  var onBehind: ((StreamID) -> Void)?

  private let sockets: Sockets
  private let makeReader: (EntryID?) -> RedisStreams
  private var reader: RedisStreams?
  private let pages: FanOutPages
  private let notes: SlotNotes
  private let fanOut: FanOut
  private let agenda: Agenda
  private var seen = Seen()
  /// The last entry that was read, told or not: nobody may have been here for it.
  private var taken = EntryID.zero
  private var isCarrying = false
  private var stance = Standstill.no
  private var fences: [UInt64: () -> Void] = [:]
  private var fenceCount: UInt64 = 0
  private var isFollowing = false
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
    notes = SlotNotes(sockets.slotPages)
    fanOut = FanOut(sockets, pages: pages)
    agenda = Agenda(sockets)
    localAgenda = Agenda(sockets)
    makeReader = { [loop = sockets.loop] cursor in
      RedisStreams(
        loop, endpoint: endpoint, name: "sluice-bus-\(address.slot)", streams: [(key, cursor)],
        epochKey: keys.epoch)
    }
    fanOut.onBehind = { [unowned self] in onBehind?($0) }
    publisher.onRefused = { [unowned self] in refused($0, $1, $2) }
    sockets.loop.atEndOfTurn { [unowned self] in carryLocally() }
  }

  /// Goes on where the pages say the slot has come to.
  func open() {
    seen = pages.seen
    let reader = makeReader(pages.cursor)
    reader.onEntry = { [unowned self] _, entry in take(entry) }
    reader.onBatch = { [unowned self] in carry() }
    reader.onNotice = { [unowned self] in note($0) }
    reader.onHealth = { [unowned self] in if $0 != .up { lostSight($0) } }
    reader.onFollowing = { [unowned self] in
      isFollowing = true
      noteBeginning()
      sockets.board[sockets.slot].isFollowing = 1
      tellReady()
    }
    self.reader = reader
    reader.open()
    fanOut.resume { [unowned self] _ in carry() }
    // What Redis has not confirmed is sent by `connected`, once.
    isAway = false
  }

  func close() {
    reader?.close()
    reader = nil
    agenda.clear()
    localAgenda.clear()
    stance = .no
    fences = [:]
    publisher.reset()
    fanOut.abandon()
  }

  /// Up to here this worker's sockets have been told, or are being told.
  var place: EntryID? { pages.cursor }

  func welcome(_ stream: StreamID) { fanOut.welcome(stream) }

  func joined(_ stream: StreamID, _ key: AudienceKey) { fanOut.joined(stream, key) }

  func connected() {
    isAway = false
    publisher.connected()
  }

  func disconnected() { isAway = true }

  /// What the sockets of this worker have been told ends here.
  var cursor: EntryID { pages.cursor ?? .zero }

  /// Whoever has joined by now hears all that comes behind this.
  var frontier: EntryID { max(cursor, taken) }

  /// Names the life of the stream that all offsets belong to; nil before Redis has told it.
  var epoch: Epoch? { reader?.epoch ?? notes.epoch }

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

  /// The same for one who wants to know that it is durable: it waits for Redis as long as it takes.
  func publish(_ stream: StreamID, _ entry: BusEntry, _ payload: Span<UInt8>, receipt: String) -> Bool {
    sockets.board[sockets.slot].published &+= 1
    if publisher.publish(stream, entry, payload, receipt: receipt) { return true }
    sockets.count(.publishFailed)
    return false
  }

  /// Redis answers, and does not take it: a plain client's word is for this worker's sockets then, like one that is said
  /// while Redis is away; whoever speaks `sluice.v1` can be told.
  private func refused(_ stream: StreamID, _ entry: BusEntry, _ payload: Span<UInt8>) {
    if sockets.isTalking(stream), sockets[stream].dress == .sluice {
      switch entry.kind {
      case .hall, .group, .direct: return onRefused?(stream) ?? ()
      case .broadcast, .task, .presence, .claim, .close, .joins, .parts, .answer: break
      }
    }
    var entry = entry
    entry.origin = nil
    tell(entry, payload, own: stream)
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
    taken = entry.id
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
    while !fanOut.isBusy, !stance.isStill, stance.wish(.betweenBatches) == nil, let item = agenda.first {
      switch item {
      case .act(let message, let own, let place):
        act(message, own, place)
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
    if fanOut.isBusy || stance.isStill { return }
    if let told = stance.wish(.betweenBatches) { return stand(told) }
    if pages.cursor != reader.cursors[0] { _ = pages.begin(nil, cursor: reader.cursors[0], seen: seen) }
    publisher.letGo()
    if !reader.isReading, let told = stance.wish(.withNothingLeft) { return stand(told) }
    reader.resume()
  }

  /// Where a slot begins to follow is its place until something is told: an heir must not begin at another.
  private func noteBeginning() {
    if pages.cursor != nil || fanOut.isBusy { return }
    _ = pages.begin(nil, cursor: reader?.cursors[0], seen: seen)
  }

  // MARK: Standing still

  /// Tells nobody anything more until `goOn`; `still` has that place in the stream, as soon as nobody is being told. If
  /// nothing that was read is to wait meanwhile, something new has to come for that moment to come.
  func standStill(_ rest: Standstill.Rest, _ still: @escaping (EntryID) -> Void) {
    if stance.isStill { return }
    stance = .wished(rest, still)
    if rest == .betweenBatches { carry() }
  }

  private func stand(_ still: @escaping (EntryID) -> Void) {
    stance = .still
    // Not from inside of what is being carried.
    sockets.loop.next { [weak self] in if let self, stance.isStill { still(cursor) } }
  }

  func goOn() {
    stance = .no
    carry()
  }

  /// Where it stands still; nil when it does not.
  var standsAt: EntryID? { stance.isStill ? cursor : nil }

  /// Something new comes, and means nothing.
  func nudge() { announceFence(Self.firstFence) }

  /// Calls back once all that this worker's sockets have said so far has come back and been told; never, if that takes
  /// longer than `patience`.
  func fence(within patience: Duration, _ passed: @escaping () -> Void) {
    awaitConfirmation(of: publisher.end, until: sockets.loop.now + patience, passed)
  }

  private func awaitConfirmation(
    of position: UInt64, until deadline: Moment, _ passed: @escaping () -> Void
  ) {
    if sockets.loop.now > deadline || sockets.isSuspended { return }
    guard publisher.hasConfirmed(position) else {
      sockets.loop.after(.milliseconds(1)) { [weak self] in
        self?.awaitConfirmation(of: position, until: deadline, passed)
      }
      return
    }
    fenceCount += 1
    fences = [Self.firstFence + fenceCount: passed]
    announceFence(Self.firstFence + fenceCount)
  }

  private func announceFence(_ number: UInt64) {
    publisher.announce(BusEntry(.answer(publisher.origin(number, 0))), Span())
  }

  /// No request of anybody's has such a number.
  private static let firstFence: UInt64 = 1 << 62

  /// A batch, or the part of it that there was room for, has been told.
  private func told(_ batch: Batch, _ count: FanOut.Count) {
    guard batch.isEmpty else { return }
    for asker in batch.askers {
      switch asker.kind {
      case .broadcast:
        if asker.origin.host == publisher.address.host {
          onTold?(asker.origin.connection, asker.origin.slot, count)
        }
      case .direct, .group, .hall, .task, .presence: answer(asker.origin, count.total - count.failed)
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

  private func act(_ message: BusEntry, _ own: StreamID?, _ place: EntryID?) {
    guard case .answer(let asker) = message.kind else { return onAct?(message, own, place) ?? () }
    guard publisher.isOurs(asker) else { return }
    if asker.connection >= Self.firstFence { return fences.removeValue(forKey: asker.connection)?() ?? () }
    onAnswer?(asker.connection, Int(clamping: asker.number))
  }

  private func note(_ notice: StreamNotice) {
    switch notice {
    case .trimmed, .rewound:
      sockets.count(.missedEntries)
      taken = .zero
      publisher.lostSight()
      letAllFallBehind()
      // The reader goes on from here, so nothing more is missed; and an heir has to begin at this place.
      carry()
    case .epoch(let epoch):
      taken = .zero
      notes.epoch = epoch
      tellReady()
    }
  }

  /// This worker was overtaken: whoever can be told so is, by reading on by itself.
  private func letAllFallBehind() {
    guard let place = pages.cursor else { return }
    for hall in Hall.allCases {
      for index in 0..<sockets.population(of: hall) {
        guard let stream = sockets.seat(index, of: hall), sockets[stream].dress == .sluice else { continue }
        sockets.table.change(stream) {
          switch sockets[stream].course {
          case .live: sockets[stream].fallBehind(place)
          case .ahead: sockets[stream].course = .behind
          case .behind: break
          }
        }
        onBehind?(stream)
      }
    }
  }

  /// Its clients can be told where they are.
  var isReady: Bool { isFollowing && epoch != nil }

  private func tellReady() { if isReady { onFollowing?() } }

  private func lostSight(_ health: RedisHealth) {
    isFollowing = false
    sockets.board[sockets.slot].isFollowing = 0
    publisher.lostSight()
    if health != .down && health != .slow { onDenied?(health) }
  }

  // MARK: Without Redis

  /// A stranger's word for the sockets of this worker: every worker hears it by itself.
  func hear(_ payload: Span<UInt8>) {
    guard UTF8Check.isValid(payload) else { return sockets.count(.invalidText) }
    if !tell(BusEntry(.hall(.ws)), payload) { sockets.count(.publishFailed) }
  }

  private func carryLocally() {
    while !fanOut.isBusy, !stance.isStill, let item = localAgenda.first {
      switch item {
      case .act(let message, let own, let place):
        act(message, own, place)
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
