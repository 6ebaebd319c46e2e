import Bytes
import EventLoop
import FleetState
import RedisClient
import WireProtocol

/// What this worker's sockets say, on its way into the stream: noted in the pages with the message that said it, sent
/// in order, sent again until Redis has confirmed it.
///
/// In: `publish`, `announce`, and what comes back. Out: `XADD`s. Sockets that say more than comes back are not heard
/// for a while.
final class Publisher {
  struct Address {
    var host: Name
    var slot: Int
    var life: UInt64
  }

  let address: Address
  private let sockets: Sockets
  private let redis: Redis
  private let key: String
  private let log: PublishLog
  /// Up to here the log has been sent over the present connection.
  private var sentUpTo: UInt64 = 0
  /// Up to here it may have been sent over an earlier one.
  private var resentUpTo: UInt64 = 0
  private var head = ByteBuffer()
  private var flow = Flow()
  private var held: [StreamID] = []
  private var payload = ByteBuffer()

  /// Redis' answer to something a client asked to be told about; belongs in a change of its stream.
  var onReceipt: ((PublishLog.Receipt, PublishLog.Kind, Redis.Answer) -> Void)?

  /// A word that Redis does not take and nobody has asked about; never one that it may have had before.
  var onRefused: ((StreamID, BusEntry, Span<UInt8>) -> Void)?

  private static let mostUnderWay = 8192

  init(_ sockets: Sockets, redis: Redis, key: String, address: Address) {
    self.sockets = sockets
    self.redis = redis
    self.key = key
    self.address = address
    log = PublishLog(sockets.slotPages, commons: sockets.commons)
  }

  /// All that was said so far ends there.
  var end: UInt64 { log.end }

  func hasConfirmed(_ position: UInt64) -> Bool { log.begin >= position }

  /// Redis takes commands (again): what it has not confirmed is sent once more.
  func connected() {
    sentUpTo = log.begin
    resentUpTo = log.end
    pump()
  }

  func reset() {
    held.removeAll()
    flow = Flow()
  }

  /// A client's word. Belongs in a change of that client's stream. False: the log is full.
  ///
  /// With a receipt it is kept as long as it takes, but no more than a bound of it while Redis is away.
  func publish(
    _ stream: StreamID, _ entry: BusEntry, _ payload: Span<UInt8>, receipt: String? = nil
  ) -> Bool {
    if receipt != nil && flow.isFull && !redis.isReady { return false }
    var entry = entry
    entry.origin = origin(stream.number, log.nextNumber)
    head.clear()
    entry.encode(into: &head)
    guard Self.append(stream, head, payload, receipt ?? "", to: log) else { return false }
    flow.sent(payload.count)
    // It leaves at the end of the turn, when the change it belongs to is done.
    pump()
    if flow.isFull && (receipt == nil || redis.isReady) { hold(stream) }
    return true
  }

  /// A command that a client's word comes to, sent in its turn among the messages; it may be carried out twice.
  /// Belongs in a change of that client's stream. False: the log is full.
  func command(_ stream: StreamID, _ words: [String], receipt: String? = nil) -> Bool {
    payload.clear()
    for (index, word) in words.enumerated() {
      if index > 0 { payload.append(0) }
      payload.append(word)
    }
    guard Self.append(stream, payload, receipt ?? "", to: log) else { return false }
    pump()
    return true
  }

  private static func append(
    _ stream: StreamID, _ head: borrowing ByteBuffer, _ payload: Span<UInt8>, _ receipt: String,
    to log: PublishLog
  ) -> Bool {
    log.append(from: stream, head.bytes, payload, receipt: receipt.utf8.span)
  }

  private static func append(
    _ stream: StreamID, _ command: borrowing ByteBuffer, _ receipt: String, to log: PublishLog
  ) -> Bool {
    log.append(.command, from: stream, Span(), command.bytes, receipt: receipt.utf8.span)
  }

  /// Sends on what is in the log, a bounded number of entries ahead of the answers.
  private func pump() {
    while redis.isReady, redis.waiting < Self.mostUnderWay, let entry = log.entry(at: sentUpTo) {
      sentUpTo = entry.end
      let isAgain = entry.end <= resentUpTo
      redis.send({ [key, log] in Self.fill(&$0, with: entry, of: log, key, isAgain: isAgain) }) {
        [unowned self] in
        confirm(entry, $0)
      }
    }
  }

  private static func fill(
    _ command: inout RedisCommand, with entry: PublishLog.Entry, of log: PublishLog, _ key: String,
    isAgain: Bool
  ) {
    switch entry.kind {
    case .message:
      addHead(to: &command, key)
      log.withBytes(entry.head) { command.add($0) }
      command.add(BusEntry.dataField)
      log.withBytes(entry.payload) { command.add($0) }
      if isAgain {
        command.add(Resent.field)
        command.add("1")
      }
    case .command:
      log.withBytes(entry.payload) { words in
        var rest = words
        while let end = rest.firstIndex(of: 0) {
          command.add(rest.extracting(first: end))
          rest = rest.extracting(droppingFirst: end + 1)
        }
        command.add(rest)
      }
    }
  }

  private func confirm(_ entry: PublishLog.Entry, _ answer: Redis.Answer) {
    // Sent again meanwhile, and confirmed by then: whoever wanted to know has been told.
    if sockets.isSuspended || entry.end <= log.begin { return }
    switch answer {
    case .success: break
    case .failure(.refused):
      if entry.kind == .message { flow.seen(entry.payload.count) }
      sockets.count(.publishFailed)
      tellRefused(entry)
    // Whether Redis has it is not known: it is sent again, and whoever has had it knows its number.
    case .failure: return
    }
    if let receipt = log.receipt(of: entry), sockets.isTalking(receipt.stream) {
      sockets.table.change(receipt.stream) {
        log.confirm(upTo: entry.end)
        onReceipt?(receipt, entry.kind, answer)
      }
    } else {
      log.confirm(upTo: entry.end)
    }
    pump()
  }

  private func tellRefused(_ entry: PublishLog.Entry) {
    guard entry.kind == .message, entry.receipt.isEmpty, entry.end > resentUpTo else { return }
    var word: BusEntry?
    log.withBytes(entry.head) { word = BusEntry($0) }
    guard let word else { return }
    log.withBytes(entry.payload) { onRefused?(entry.stream, word, $0) }
  }

  /// A word that is no socket's own. `answer` has the entry's id once it is durable; with a `request` number of the
  /// asker's, those it reaches are counted for it.
  func announce(
    _ entry: BusEntry, _ payload: Span<UInt8>, request: UInt64? = nil,
    answer: @escaping (Result<String, RedisError>) -> Void = { _ in }
  ) {
    var entry = entry
    if let request { entry.origin = origin(request, 0) }
    head.clear()
    entry.encode(into: &head)
    Self.add(head, payload, to: key, of: redis) { result in answer(result.map { $0.text ?? "" }) }
  }

  /// The same, unless it was announced under this key before. `answer` has the entry's id, or what is kept under the key.
  func announce(
    _ entry: BusEntry, _ text: String, request: UInt64, once onceKey: String,
    answer: @escaping (Result<Announced, RedisError>) -> Void
  ) {
    var entry = entry
    entry.origin = origin(request, 0)
    head.clear()
    entry.encode(into: &head)
    let line = String(decoding: head.bytes.copied(), as: UTF8.self)
    redis.run(
      Self.onlyOnce, keys: [onceKey, key],
      [line, text, "\(BusEntry.mostKept)", "\(Self.onceFor.wholeMilliseconds)"]
    ) { result in
      answer(
        result.map { value in
          let text = value.elements.last?.text ?? ""
          return value.elements.first?.integer == 1 ? .new(id: text) : .known(text)
        })
    }
  }

  enum Announced: Equatable {
    case new(id: String)
    /// The id of the first time, or what was answered to it.
    case known(String)
  }

  private static let onceFor = Duration.seconds(86_400)

  /// Keys: what is kept of the first time, the stream. Arguments: head, payload, the stream's length, how long it is kept
  /// in ms.
  private static let onlyOnce = RedisScript(
    """
    local known = redis.call('GET', KEYS[1])
    if known then return {0, known} end
    local id = redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*', 'm', ARGV[1], 'd', ARGV[2])
    redis.call('SET', KEYS[1], id, 'PX', ARGV[4])
    return {1, id}
    """)

  func origin(_ connection: UInt64, _ number: UInt64) -> BusEntry.Origin {
    BusEntry.Origin(
      host: address.host, slot: address.slot, life: address.life, connection: connection, number: number)
  }

  func isOurs(_ origin: BusEntry.Origin) -> Bool {
    origin.host == address.host && origin.slot == address.slot && origin.life == address.life
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
    command.add(BusEntry.mostKept)
    command.add("*")
    command.add(BusEntry.headField)
  }

  // MARK: Flow

  /// Redis takes commands at the moment.
  var isReady: Bool { redis.isReady }

  /// Something of ours has come back.
  func seen(_ count: Int) { flow.seen(count) }

  /// What was under way may never come back: nobody is made to wait for it.
  func lostSight() {
    flow = Flow()
    letGo()
  }

  /// Too much of what this worker's sockets said is still on its way: who says more is not heard for now.
  private func hold(_ stream: StreamID) {
    sockets.table.pause(stream)
    held.append(stream)
  }

  func letGo() {
    guard !held.isEmpty, flow.isLow else { return }
    let waiting = held
    held.removeAll(keepingCapacity: true)
    for stream in waiting { sockets.table.resume(stream) }
  }
}
