import EventLoop
import FleetState
import Glibc

/// Takes sockets that another slot's worker gives, a batch at a time.
///
/// It stands still in the stream while a batch comes, gives its standby a hold of each socket, and then takes the deed:
/// that one exchange is what makes them ours. Before it, nothing of them is heard or touched.
final class Taker {
  var onEnd: (() -> Void)?
  /// One of them is in its seat here.
  var onTaken: ((StreamID) -> Void)?

  private let sockets: Sockets
  private let bus: Bus
  private let succession: Successions
  private let loop: EventLoop
  private let channel: PacketChannel
  private let giver: Int
  private let deed: DeedWord
  private var isStanding = false
  private var parcels: [(parcel: Parcel, descriptor: Int32)] = []
  private var arrived: [StreamID] = []
  private var offered: UInt32?
  /// Counts what was begun, so that what belongs to an earlier attempt is known.
  private var attempt = 0

  /// Nobody is kept waiting for longer.
  private static let patience = Duration.milliseconds(400)

  init(_ sockets: Sockets, bus: Bus, succession: Successions, channel: PacketChannel, from giver: Int) {
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
        arrived.append(stream)
      }
    }
    if arrived.count < count { return decline() }
    for stream in arrived { succession.admitted(stream) }
    Peril.admitted.pass(succession.generation)
    loop.next { [weak self, attempt] in self?.commit(batch, attempt) }
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
    let streams = arrived
    arrived = []
    offered = nil
    for stream in streams {
      sockets.settleIn(stream)
      onTaken?(stream)
      Peril.half.pass(succession.generation)
    }
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
    for stream in arrived { sockets.refuse(stream) }
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
