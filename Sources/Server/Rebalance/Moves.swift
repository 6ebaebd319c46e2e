import EventLoop

/// A worker's part in a rebalance: what it gives to another slot, or takes from one, at the moment.
final class Moves {
  var say: ((Word) -> Void)?
  /// Nothing about a socket is being asked, so that it can pass.
  var mayPass: ((StreamID) -> Bool)?
  /// A socket is about to be another's.
  var onGiven: ((StreamID) -> Void)?

  private let sockets: Sockets
  private let bus: Bus
  private let succession: Successions
  private let relocation: Relocation
  private var giver: Giver?
  private var taker: Taker?

  init(_ sockets: Sockets, bus: Bus, succession: Successions, relocation: Relocation) {
    self.relocation = relocation
    self.sockets = sockets
    self.bus = bus
    self.succession = succession
  }

  /// The order, with our end of the line to the other worker.
  func obey(_ order: Order, _ end: consuming Descriptor) {
    self.end()
    guard let channel = try? PacketChannel(sockets.loop, adopting: end) else { return }
    switch order {
    case .give(let count, let slot): give(count, to: slot, over: channel)
    case .receive(let slot): receive(from: slot, over: channel)
    case .begin, .drain, .resume, .close, .progress, .stop, .cover, .uncover, .told, .tie, .takeOver,
      .prepare, .handOver, .audit, .retire:
      channel.close()
    }
  }

  private func give(_ count: Int, to slot: Int, over channel: PacketChannel) {
    guard isAnother(slot) else { return channel.close() }
    let giver = Giver(
      sockets, bus: bus, generation: succession.generation, channel: channel, count: count, to: slot)
    giver.mayPass = mayPass
    giver.onGiven = { [unowned self] in onGiven?($0) }
    giver.onEnd = { [unowned self] gift in
      self.giver = nil
      say?(.gave(gift))
    }
    self.giver = giver
    giver.begin()
  }

  private func receive(from slot: Int, over channel: PacketChannel) {
    guard isAnother(slot) else { return channel.close() }
    let taker = Taker(
      sockets, bus: bus, succession: succession, relocation: relocation, channel: channel, from: slot)
    taker.onEnd = { [unowned self] in self.taker = nil }
    self.taker = taker
  }

  private func isAnother(_ slot: Int) -> Bool {
    slot != sockets.slot && slot >= 0 && slot < sockets.board.slotCount
  }

  /// What is under way is decided now, one way or the other.
  func end() {
    giver?.end()
    taker?.end()
  }
}
