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
    var generation: UInt32
  }

  /// An operator's message has reached the sockets of this worker.
  var onTold: ((_ request: UInt64, _ slot: Int, FanOut.Count) -> Void)?

  private let sockets: Sockets
  private let redis: Redis
  private let reader: RedisStreams
  private let address: Address
  private let key: String
  private let fanOut: FanOut
  private let batch = Batch()
  /// Said while Redis is away, or while nobody can be told yet.
  private let localBatch = Batch()
  private var announced: [(request: UInt64, slot: Int)] = []
  private var head = ByteBuffer()
  private var flow = Flow()
  private var held: [StreamID] = []

  /// Roughly how many entries a stream keeps for whoever was away.
  private static let streamLength = 20_000
  private static let localBytes = 4 << 20

  init(
    _ sockets: Sockets, redis: Redis, endpoint: RedisEndpoint, keys: RedisKeys, address: Address
  ) {
    self.sockets = sockets
    self.redis = redis
    self.address = address
    key = keys.bus(0)
    fanOut = FanOut(sockets, hall: .ws)
    reader = RedisStreams(
      sockets.loop, endpoint: endpoint, name: "sluice-bus-\(address.slot)", streams: [(key, nil)],
      epochKey: keys.epoch)
    reader.onEntry = { [unowned self] _, entry in take(entry) }
    reader.onBatch = { [unowned self] in carry() }
    reader.onNotice = { [unowned self] in note($0) }
    reader.onHealth = { [unowned self] in if $0 != .up { lostSight() } }
    sockets.loop.atEndOfTurn { [unowned self] in carryLocally() }
  }

  /// From now on nothing that is published can be missed.
  var onFollowing: (() -> Void)? {
    get { reader.onFollowing }
    set { reader.onFollowing = newValue }
  }

  func open() { reader.open() }

  func close() { reader.close() }

  func welcome(_ stream: StreamID) { fanOut.welcome(stream) }

  // MARK: Out

  /// A client's word for everybody else in its hall.
  func publish(_ stream: StreamID, _ opcode: Opcode, _ payload: Span<UInt8>) {
    sockets.board[sockets.slot].published &+= 1
    guard redis.isReady else { return sayLocally(opcode, payload, from: stream) }
    var entry = BusEntry(.hall(.ws), form: opcode == .binary ? .binary : .text)
    entry.origin = origin(stream.number)
    let count = payload.count
    flow.sent(count)
    add(entry, payload) { [unowned self] answer in
      guard case .failure = answer else { return }
      flow.seen(count)
      sockets.count(.publishFailed)
    }
    if flow.isFull { hold(stream) }
  }

  /// An operator's word. `answer` has the entry's id once it is durable.
  func announce(
    _ text: Span<UInt8>, halls: Halls, request: UInt64, answer: @escaping (Result<String, RedisError>) -> Void
  ) {
    var entry = BusEntry(.broadcast(halls))
    entry.origin = origin(request)
    add(entry, text) { result in
      answer(result.map { $0.text ?? "" })
    }
  }

  private func origin(_ number: UInt64) -> BusEntry.Origin {
    BusEntry.Origin(
      host: address.host, slot: address.slot, generation: Int(address.generation), connection: number)
  }

  private func add(_ entry: BusEntry, _ payload: Span<UInt8>, _ completion: @escaping Redis.Completion) {
    head.clear()
    entry.encode(into: &head)
    Self.add(head, payload, to: key, of: redis, completion)
  }

  private static func add(
    _ head: borrowing ByteBuffer, _ payload: Span<UInt8>, to key: String, of redis: Redis,
    _ completion: @escaping Redis.Completion
  ) {
    redis.send(
      { command in
        command.add("XADD")
        command.add(key)
        command.add("MAXLEN")
        command.add("~")
        command.add(streamLength)
        command.add("*")
        command.add(BusEntry.headField)
        command.add(head.bytes)
        command.add(BusEntry.dataField)
        command.add(payload)
      }, then: completion)
  }

  // MARK: In

  private func take(_ entry: StreamEntry) {
    guard let head = entry.value(of: BusEntry.headField), let payload = entry.value(of: BusEntry.dataField),
      let message = BusEntry(head)
    else { return }
    let isOurs =
      message.origin.map {
        $0.host == address.host && $0.slot == address.slot && $0.generation == Int(address.generation)
      } ?? false
    switch message.kind {
    case .hall(let hall):
      if isOurs { flow.seen(payload.count) }
      // The other halls open with their routes.
      guard hall == .ws else { return }
      let origin = isOurs ? message.origin.map { StreamID(number: $0.connection) } : nil
      append(message.form == .text ? .text : .binary, payload, origin, to: batch)
    case .broadcast(let halls):
      if let origin = message.origin, origin.host == address.host {
        announced.append((origin.connection, origin.slot))
      }
      if halls.contains(.ws) { append(.text, payload, nil, to: batch) }
    case .direct, .group: return
    }
  }

  private func append(_ opcode: Opcode, _ payload: Span<UInt8>, _ origin: StreamID?, to batch: Batch) {
    let reads = sockets.deflating[Int(Hall.ws.rawValue)] > 0
    batch.append(opcode, payload, origin: origin, deflaters: reads ? sockets.deflaters : nil)
  }

  /// Everybody is told what one read has brought; the next read waits until they are.
  private func carry() {
    if batch.isEmpty { return tellAskers(FanOut.Count()) }
    reader.pause()
    guard !fanOut.isBusy else { return }
    fanOut.begin(batch) { [unowned self] count in
      batch.clear()
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
    append(opcode, payload, stream, to: localBatch)
  }

  private func carryLocally() {
    guard !localBatch.isEmpty, !fanOut.isBusy else { return }
    fanOut.begin(localBatch) { [unowned self] _ in
      localBatch.clear()
      if !batch.isEmpty { carry() }
    }
  }
}
