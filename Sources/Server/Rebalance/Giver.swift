import EventLoop
import FleetState

/// Gives another slot's worker some of our sockets, a batch at a time, without one of them noticing.
///
/// A batch goes while both workers stand still in the stream, the taker at or before our place. The deed on the board
/// decides whose it is: until it is taken the sockets are ours, and nothing touches them; then they are the taker's.
final class Giver {
  /// It is over, for whatever reason.
  var onEnd: ((Gift) -> Void)?
  /// Nothing about it is being asked just now.
  var mayPass: ((StreamID) -> Bool)?
  /// It is another's now; still in its seat.
  var onGiven: ((StreamID) -> Void)?

  private let sockets: Sockets
  private let bus: Bus
  private let loop: EventLoop
  private let channel: PacketChannel
  private let deed: DeedWord
  private let generation: UInt32
  private var left: Int
  private var gift: Gift
  private var batch: [StreamID] = []
  private var heldSince = Moment(nanoseconds: 0)
  private var place = EntryID.zero
  /// The number of the batch that is offered.
  private var offered: UInt32?
  private var outgoing: [(packet: [UInt8], descriptor: Int32?)] = []
  /// Counts what was begun, so that what belongs to an earlier attempt is known.
  private var attempt = 0
  private var failures = 0
  private var fruitless: Moment?

  static let perBatch = 64
  /// A batch that has not been taken by then is not given.
  private static let patience = Duration.milliseconds(400)
  /// Sockets that are in the middle of something are waited for so long.
  private static let quietPatience = Duration.seconds(2)
  private static let mostFailures = 3

  init(
    _ sockets: Sockets, bus: Bus, generation: UInt32, channel: PacketChannel, count: Int, to taker: Int
  ) {
    self.generation = generation
    self.sockets = sockets
    self.bus = bus
    self.channel = channel
    loop = sockets.loop
    deed = sockets.board.deedWord(of: sockets.slot)
    left = count
    gift = Gift(to: taker, sockets: 0, micros: 0)
    channel.onPacket = { [unowned self] packet, _ in if let word = MoveWord(packet) { hear(word) } }
    channel.onWritable = { [unowned self] in flush() }
    channel.onEnd = { [unowned self] in end() }
  }

  func begin() { loop.next { [weak self] in self?.nextBatch() } }

  /// What is under way is decided now, and nothing more is given.
  func end() {
    guard onEnd != nil else { return }
    attempt += 1
    settle()
    channel.close()
    let end = onEnd
    onEnd = nil
    end?(gift)
  }

  // MARK: A batch

  private func nextBatch() {
    guard onEnd != nil, offered == nil, batch.isEmpty else { return }
    if left <= 0 || bus.isAway || failures == Self.mostFailures { return end() }
    guard deed.nextNumber != nil, choose() else { return waitForQuiet() }
    fruitless = nil
    attempt += 1
    heldSince = .current
    for stream in batch { sockets.table.pause(stream) }
    giveUpUnlessDone(attempt)
    Peril.held.pass(generation)
    send(.stand)
  }

  private func choose() -> Bool {
    let most = min(left, Self.perBatch)
    for hall in Hall.allCases {
      var seat = sockets.population(of: hall)
      while seat > 0, batch.count < most {
        seat -= 1
        guard let stream = sockets.seat(seat, of: hall) else { continue }
        if canPass(stream), !sockets.table.isPaused(stream) { batch.append(stream) }
      }
    }
    return !batch.isEmpty
  }

  private func canPass(_ stream: StreamID) -> Bool {
    sockets.isMovable(stream) && mayPass?(stream) ?? true
  }

  private func waitForQuiet() {
    let since = fruitless ?? loop.now
    fruitless = since
    if loop.now.duration(since: since) > Self.quietPatience {
      gift.isAll = deed.nextNumber != nil
      return end()
    }
    loop.after(.milliseconds(10)) { [weak self] in self?.nextBatch() }
  }

  private func giveUpUnlessDone(_ attempt: Int) {
    loop.after(Self.patience) { [weak self] in
      guard let self, self.attempt == attempt else { return }
      failures += 1
      finishBatch()
    }
  }

  private func hear(_ word: MoveWord) {
    switch word {
    case .stands(let takersPlace): if offered == nil, !batch.isEmpty { pass(takersPlace) }
    case .done(let number): if number == offered { finishBatch() }
    case .stand, .parcel, .offered, .waived: return
    }
  }

  /// All that these sockets have said has come round, and we are where the taker is, or farther.
  private func pass(_ takersPlace: EntryID) {
    let attempt = attempt
    bus.fence(within: Self.patience) { [weak self] in self?.approach(takersPlace, attempt) }
  }

  private func approach(_ takersPlace: EntryID, _ attempt: Int) {
    guard self.attempt == attempt, offered == nil, !batch.isEmpty else { return }
    bus.standStill(.betweenBatches) { [weak self] place in
      guard let self, self.attempt == attempt, offered == nil, !batch.isEmpty else { return }
      if place >= takersPlace {
        self.place = place
        return offer()
      }
      bus.goOn()
      loop.after(.milliseconds(1)) { [weak self] in self?.approach(takersPlace, attempt) }
    }
  }

  private func offer() {
    let fit = batch.filter { sockets.table.isPaused($0) && canPass($0) }
    for stream in batch where !fit.contains(stream) { sockets.table.resume(stream) }
    batch = fit
    guard let number = deed.nextNumber, !batch.isEmpty else { return finishBatch() }
    for stream in batch { sockets.setAside(stream, in: number) }
    Peril.marked.pass(generation)
    deed.offer(number, to: gift.to)
    Peril.offered.pass(generation)
    offered = number
    for stream in batch {
      guard let parcel = Parcel(stream, of: sockets) else { continue }
      outgoing.append((MoveWord.parcel(parcel).packet, sockets.table.descriptor(of: stream)))
    }
    outgoing.append((MoveWord.offered(batch: number, count: batch.count, place: place).packet, nil))
    flush()
    Peril.sent.pass(generation)
  }

  private func send(_ word: MoveWord) {
    outgoing.append((word.packet, nil))
    flush()
  }

  private func flush() {
    while let (packet, descriptor) = outgoing.first {
      if !channel.offer(packet, descriptor.map { [$0] } ?? []) { return }
      outgoing.removeFirst()
    }
  }

  // MARK: Whose it is

  private func finishBatch() {
    attempt += 1
    if offered == nil { send(.waived) }
    settle()
    loop.next { [weak self] in self?.nextBatch() }
  }

  /// Either the batch was taken, and we forget it; or it is ours, and goes on here.
  private func settle() {
    outgoing = offered == nil ? outgoing : []
    let streams = batch
    batch = []
    guard let number = offered else {
      for stream in streams { sockets.table.resume(stream) }
      if !streams.isEmpty { bus.goOn() }
      return
    }
    offered = nil
    deed.withdraw(number)
    if deed.deed.hasGiven(number) {
      Peril.seen.pass(generation)
      for stream in streams {
        onGiven?(stream)
        sockets.passOn(stream)
        Peril.passed.pass(generation)
      }
      gift.sockets += streams.count
      left -= streams.count
      failures = 0
      gift.micros = max(gift.micros, Int(Moment.current.nanoseconds(since: heldSince) / 1000))
    } else {
      for stream in streams { sockets.keep(stream) }
    }
    bus.goOn()
  }
}
