import EventLoop
import FleetState
import Glibc

/// Takes sockets that another slot's worker gives, a batch at a time.
///
/// It stands still in the stream while a batch comes, gives its standby a hold of each socket, tells Redis which names
/// may be coming, and then takes the deed: that one exchange is what makes them ours. Before it, nothing of them is heard
/// or touched.
final class Taker {
  var onEnd: (() -> Void)?

  private let sockets: Sockets
  private let bus: Bus
  private let succession: Successions
  private let relocation: Relocation
  private let loop: EventLoop
  private let channel: PacketChannel
  private let giver: Int
  private let deed: DeedWord
  private var isStanding = false
  private var parcels: [(parcel: Parcel, descriptor: Int32)] = []
  private var arrived: [Arrival] = []
  private var offered: UInt32?
  /// Counts what was begun, so that what belongs to an earlier attempt is known.
  private var attempt = 0

  /// Nobody is kept waiting for longer.
  private static let patience = Duration.milliseconds(400)

  init(
    _ sockets: Sockets, bus: Bus, succession: Successions, relocation: Relocation, channel: PacketChannel,
    from giver: Int
  ) {
    self.relocation = relocation
    self.sockets = sockets
    self.bus = bus
    self.succession = succession
    self.channel = channel
    self.giver = giver
    loop = sockets.loop
    deed = sockets.board.deedWord(of: giver)
    channel.onPacket = { [unowned self] packet, descriptors in hear(packet, descriptors) }
    channel.onEnd = { [unowned self] in end() }
  }

  /// What is not ours yet will not be.
  func end() {
    guard onEnd != nil else { return }
    decline()
    channel.close()
    let end = onEnd
    onEnd = nil
    end?()
  }

  private func hear(_ packet: Span<UInt8>, _ descriptors: [Int32]) {
    let word = MoveWord(packet)
    if case .parcel(let parcel)? = word, descriptors.count == 1, parcels.count < Giver.perBatch {
      return parcels.append((parcel, descriptors[0]))
    }
    for number in descriptors { _ = Glibc.close(number) }
    switch word {
    case .stand: stand()
    case .offered(let batch, let count, let place): take(batch, count, place)
    case .waived: decline()
    case .stands, .parcel, .done, nil: return
    }
  }

  private func stand() {
    decline()
    attempt += 1
    let attempt = attempt
    isStanding = true
    bus.standStill(.withNothingLeft) { [weak self] place in
      guard let self, self.attempt == attempt else { return }
      channel.send(MoveWord.stands(place).packet)
      Peril.standing.pass(succession.generation)
    }
    // Should nothing be said just now, there is something to come to rest behind.
    bus.nudge()
    loop.after(Self.patience) { [weak self] in
      guard let self, self.attempt == attempt else { return }
      decline()
    }
  }

  // MARK: Taking

  private func take(_ batch: UInt32, _ count: Int, _ place: EntryID) {
    offered = batch
    guard let here = bus.standsAt, here <= place, parcels.count == count else { return decline() }
    let gathered = parcels
    parcels = []
    for (parcel, number) in gathered {
      let socket = Descriptor(owning: number)
      if let stream = sockets.takeIn(parcel, socket, batch: batch, from: giver, at: place) {
        bus.welcome(stream)
        arrived.append(Arrival(stream: stream, life: parcel.life, formerly: parcel.connection))
      }
    }
    if arrived.count < count { return decline() }
    for arrival in arrived { succession.admitted(arrival.stream) }
    Peril.admitted.pass(succession.generation)
    relocation.announce(arrived, from: giver) { [weak self, attempt] isKnown in
      guard let self, self.attempt == attempt, offered == batch else { return }
      Peril.announced.pass(succession.generation)
      if isKnown { commit(batch, attempt) } else { decline() }
    }
  }

  /// As soon as whoever would go on for us has hold of them.
  private func commit(_ batch: UInt32, _ attempt: Int) {
    guard self.attempt == attempt, offered == batch else { return }
    if !succession.isKept {
      loop.after(.milliseconds(1)) { [weak self] in self?.commit(batch, attempt) }
      return
    }
    Peril.kept.pass(succession.generation)
    guard deed.take(batch, by: sockets.slot) else { return decline() }
    Peril.taken.pass(succession.generation)
    let arrivals = arrived
    arrived = []
    offered = nil
    for arrival in arrivals {
      sockets.settleIn(arrival.stream)
      Peril.half.pass(succession.generation)
    }
    relocation.complete(arrivals, from: giver)
    deed.settle(batch, by: sockets.slot)
    Peril.settled.pass(succession.generation)
    rest()
    channel.send(MoveWord.done(batch: batch).packet)
  }

  /// They stay where they are.
  private func decline() {
    if let offered {
      deed.withdraw(offered)
      channel.send(MoveWord.done(batch: offered).packet)
    }
    offered = nil
    for arrival in arrived { sockets.refuse(arrival.stream) }
    arrived = []
    for (_, number) in parcels { _ = Glibc.close(number) }
    parcels = []
    rest()
  }

  private func rest() {
    attempt += 1
    if isStanding { bus.goOn() }
    isStanding = false
  }
}
