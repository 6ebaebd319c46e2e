import Bytes
import EventLoop
import FleetState
import RedisClient
import WireProtocol

/// What is said in a hall, from its client to every socket of every worker: one `XADD`, each worker's `XREAD`,
/// one rendering, one write per socket.
///
/// In: `publish`, `announce`. Out: fan-outs, and `onTold` for what an operator asked to be told. While a batch
/// is on its way nothing more is read, so a busy bus is carried in fewer, larger batches. Without Redis the
/// sockets of this worker still hear each other.
final class Bus {
  struct Address {
    var host: Name
    var slot: Int
    var life: UInt64
  }

  /// An operator's message has reached the sockets of this worker.
  var onTold: ((_ request: UInt64, _ slot: Int, FanOut.Count) -> Void)?

  private let sockets: Sockets
  private let redis: Redis
  private let makeReader: (EntryID?) -> RedisStreams
  private var reader: RedisStreams?
  private let address: Address
  private let key: String
  private let log: PublishLog
  private let pages: FanOutPages
  private let fanOut: FanOut
  private let batch = Batch()
  private var seen = Seen()
  /// Up to here the log has been sent over the present connection.
  private var sentUpTo: UInt64 = 0
  /// Redis is known to be away, so that what is said is for this worker's sockets alone.
  private var isAway = false
  /// Said while Redis is away, or while nobody can be told yet.
  private let localBatch = Batch()
  private var announced: [(request: UInt64, slot: Int)] = []
  private var head = ByteBuffer()
  private var flow = Flow()
  private var held: [StreamID] = []

  /// Roughly how many entries a stream keeps for whoever was away.
  private static let streamLength = 20_000
  private static let localBytes = 4 << 20
  private static let mostUnderWay = 8192

  init(
    _ sockets: Sockets, redis: Redis, endpoint: RedisEndpoint, keys: RedisKeys, address: Address
  ) {
    self.sockets = sockets
    self.redis = redis
    self.address = address
    key = keys.bus(0)
    log = PublishLog(sockets.slotPages, commons: sockets.commons)
    pages = FanOutPages(sockets.slotPages)
    fanOut = FanOut(sockets, hall: .ws, pages: pages)
    makeReader = { [key, loop = sockets.loop] cursor in
      RedisStreams(
        loop, endpoint: endpoint, name: "sluice-bus-\(address.slot)", streams: [(key, cursor)],
        epochKey: keys.epoch)
    }
    sockets.loop.atEndOfTurn { [unowned self] in carryLocally() }
  }

  /// From now on nothing that is published can be missed.
  var onFollowing: (() -> Void)?

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
    batch.clear()
    localBatch.clear()
    announced.removeAll()
    held.removeAll()
    flow = Flow()
    fanOut.abandon()
  }

  func welcome(_ stream: StreamID) { fanOut.welcome(stream) }

  /// Redis takes commands (again): what it has not confirmed is sent once more.
  func connected() {
    isAway = false
    sentUpTo = log.begin
    pump()
  }

  func disconnected() { isAway = true }

  // MARK: Out

  /// A client's word for everybody else in its hall. Belongs in a change of that client's stream.
  func publish(_ stream: StreamID, _ opcode: Opcode, _ payload: Span<UInt8>) {
    sockets.board[sockets.slot].published &+= 1
    if isAway { return sayLocally(opcode, payload, from: stream) }
    var entry = BusEntry(.hall(.ws), form: opcode == .binary ? .binary : .text)
    entry.origin = origin(stream.number, log.nextNumber)
    head.clear()
    entry.encode(into: &head)
    guard Self.append(head, payload, to: log) else { return sockets.count(.publishFailed) }
    flow.sent(payload.count)
    // It leaves at the end of the turn, when the change it belongs to is done.
    pump()
    if flow.isFull { hold(stream) }
  }

  private static func append(_ head: borrowing ByteBuffer, _ payload: Span<UInt8>, to log: PublishLog) -> Bool
  {
    log.append(head.bytes, payload)
  }

  /// Sends on what is in the log, a bounded number of entries ahead of the answers.
  private func pump() {
    while redis.isReady, redis.waiting < Self.mostUnderWay, let entry = log.entry(at: sentUpTo) {
      sentUpTo = entry.end
      redis.send({ [key, log] command in
        Self.addHead(to: &command, key)
        log.withBytes(entry.head) { command.add($0) }
        command.add(BusEntry.dataField)
        log.withBytes(entry.payload) { command.add($0) }
      }) { [unowned self] in confirm(entry, $0) }
    }
  }

  private func confirm(_ entry: PublishLog.Entry, _ answer: Redis.Answer) {
    if sockets.isSuspended { return }
    switch answer {
    case .success: break
    case .failure(.refused):
      flow.seen(entry.payload.count)
      sockets.count(.publishFailed)
    // Whether Redis has it is not known: it is sent again, and whoever has had it knows its number.
    case .failure: return
    }
    log.confirm(upTo: entry.end)
    pump()
  }

  /// An operator's word. `answer` has the entry's id once it is durable.
  func announce(
    _ text: Span<UInt8>, halls: Halls, request: UInt64, answer: @escaping (Result<String, RedisError>) -> Void
  ) {
    var entry = BusEntry(.broadcast(halls))
    entry.origin = origin(request, 0)
    head.clear()
    entry.encode(into: &head)
    Self.add(head, text, to: key, of: redis) { result in answer(result.map { $0.text ?? "" }) }
  }

  private func origin(_ connection: UInt64, _ number: UInt64) -> BusEntry.Origin {
    BusEntry.Origin(
      host: address.host, slot: address.slot, life: address.life, connection: connection, number: number)
  }

  private static func add(
    _ head: borrowing ByteBuffer, _ payload: Span<UInt8>, to key: String, of redis: Redis,
    _ completion: @escaping Redis.Completion
  ) {
    redis.send(
      { command in
        addHead(to: &command, key)
        command.add(head.bytes)
        command.add(BusEntry.dataField)
        command.add(payload)
      }, then: completion)
  }

  private static func addHead(to command: inout RedisCommand, _ key: String) {
    command.add("XADD")
    command.add(key)
    command.add("MAXLEN")
    command.add("~")
    command.add(streamLength)
    command.add("*")
    command.add(BusEntry.headField)
  }

  // MARK: In

  private func take(_ entry: StreamEntry) {
    guard let head = entry.value(of: BusEntry.headField), let payload = entry.value(of: BusEntry.dataField),
      let message = BusEntry(head)
    else { return }
    let isOurs =
      message.origin.map {
        $0.host == address.host && $0.slot == address.slot && $0.life == address.life
      } ?? false
    if let origin = message.origin, !seen.isNew(origin) { return }
    switch message.kind {
    case .hall(let hall):
      if isOurs { flow.seen(payload.count) }
      // The other halls open with their routes.
      guard hall == .ws else { return }
      let origin = isOurs ? message.origin.map { StreamID(number: $0.connection) } : nil
      append(message.form == .text ? .text : .binary, payload, origin, entry.id, to: batch)
    case .broadcast(let halls):
      if let origin = message.origin, origin.host == address.host {
        announced.append((origin.connection, origin.slot))
      }
      if halls.contains(.ws) { append(.text, payload, nil, entry.id, to: batch) }
    case .direct, .group: return
    }
  }

  private func append(
    _ opcode: Opcode, _ payload: Span<UInt8>, _ origin: StreamID?, _ id: EntryID?, to batch: Batch
  ) {
    let reads = sockets.deflating[Int(Hall.ws.rawValue)] > 0
    batch.append(opcode, payload, origin: origin, id: id, deflaters: reads ? sockets.deflaters : nil)
  }

  /// Everybody is told what one read has brought; the next read waits until they are.
  private func carry() {
    guard !fanOut.isBusy, let reader else { return reader?.pause() ?? () }
    if batch.isEmpty {
      _ = pages.begin(batch, cursor: reader.cursors[0], seen: seen)
      tellAskers(FanOut.Count())
      return reader.resume()
    }
    reader.pause()
    fanOut.begin(batch, cursor: reader.cursors[0], seen: seen) { [unowned self] count in
      if !batch.isEmpty { return carry() }
      tellAskers(count)
      letGo()
      reader.resume()
    }
  }

  private func tellAskers(_ count: FanOut.Count) {
    let asked = announced
    announced.removeAll(keepingCapacity: true)
    for (request, slot) in asked { onTold?(request, slot, count) }
  }

  private func note(_ notice: RedisStreams.Notice) {
    switch notice {
    case .trimmed, .rewound:
      sockets.count(.missedEntries)
      lostSight()
    case .epoch: break
    }
  }

  /// What was under way may never come back: nobody is made to wait for it.
  private func lostSight() {
    sockets.board[sockets.slot].isFollowing = 0
    flow = Flow()
    letGo()
  }

  // MARK: Flow

  /// Too much of what this worker's sockets said is still on its way: who says more is not heard for now.
  private func hold(_ stream: StreamID) {
    sockets.table.pause(stream)
    held.append(stream)
  }

  private func letGo() {
    guard !held.isEmpty, flow.isLow else { return }
    let waiting = held
    held.removeAll(keepingCapacity: true)
    for stream in waiting { sockets.table.resume(stream) }
  }

  // MARK: Without Redis

  private func sayLocally(_ opcode: Opcode, _ payload: Span<UInt8>, from stream: StreamID) {
    if localBatch.plain.count > Self.localBytes { return sockets.count(.publishFailed) }
    append(opcode, payload, stream, nil, to: localBatch)
  }

  /// A stranger's word for the sockets of this worker: every worker hears it by itself.
  func hear(_ payload: Span<UInt8>) {
    guard UTF8Check.isValid(payload) else { return sockets.count(.invalidText) }
    if localBatch.plain.count > Self.localBytes { return sockets.count(.publishFailed) }
    append(.text, payload, nil, nil, to: localBatch)
  }

  private func carryLocally() {
    guard !localBatch.isEmpty, !fanOut.isBusy else { return }
    fanOut.begin(localBatch, cursor: nil, seen: nil) { [unowned self] _ in
      if !batch.isEmpty { carry() }
    }
  }
}
