import Bytes
import EventLoop
import FleetState
import RedisClient
import WireProtocol

/// The hall `clients`: everybody in it has a name, and what one says all of them hear with the name in front.
///
/// Of two sockets with one name the newer stays, wherever in the fleet they are. Which one that is, Redis knows: a claim
/// on the bus only makes the others ask.
final class ClientsHall {
  private let sockets: Sockets
  private let bus: Bus
  private let directory: Directory
  private let address: Publisher.Address
  /// Made of the pages when somebody speaks for the first time in this process.
  private var names: [StreamID: ClientID] = [:]
  /// Those about whom Redis is being asked who holds them, and how often.
  private var inQuestion: [AudienceKey: Int] = [:]
  /// Of those from other slots, where in the stream they were: we may come by there once more.
  private var arrivedAt: [StreamID: EntryID] = [:]

  /// What the older of two sockets of one name is told.
  static let replaced = "reconnected"

  private static let askAgain = Duration.seconds(1)

  init(_ sockets: Sockets, bus: Bus, directory: Directory) {
    self.sockets = sockets
    self.bus = bus
    self.directory = directory
    address = bus.publisher.address
  }

  func heard(_ stream: StreamID, _ opcode: Opcode, _ payload: Span<UInt8>) {
    // That it was heard at all is the answer to our heartbeat.
    guard opcode == .text, !payload.equals("pong"), let name = name(of: stream) else { return }
    bus.publish(stream, BusEntry(.hall(.clients), from: name), payload)
  }

  /// The heartbeat of those who answer with a text.
  func notice(_ stream: StreamID) {
    let milliseconds = WallClock.unixNanoseconds / 1_000_000
    let fraction = String(1000 + milliseconds % 1000).dropFirst()
    let text = "{\"type\": \"ping\", \"timestamp\": \(milliseconds / 1000).\(fraction)}"
    sockets.say(.text, "", text.utf8.span, to: stream)
  }

  func came(_ stream: StreamID) {
    guard let name = name(of: stream) else { return }
    bus.publish(stream, BusEntry(.claim(name)), Span())
  }

  /// Another slot has it.
  func given(_ stream: StreamID) { forget(stream) }

  /// It has come from another slot, and what became of its groups there it brings with it.
  func taken(_ stream: StreamID) { arrivedAt[stream] = sockets[stream].place }

  private func forget(_ stream: StreamID) {
    names[stream] = nil
    arrivedAt[stream] = nil
  }

  /// What stands there was done where it has come from.
  private func hasBehind(_ stream: StreamID, _ place: EntryID?) -> Bool {
    guard let arrival = arrivedAt[stream], let place else { return false }
    if place > arrival { arrivedAt[stream] = nil }
    return place <= arrival
  }

  func left(_ stream: StreamID) {
    guard let name = name(of: stream) else { return }
    forget(stream)
    directory.leave(name, as: holder(stream))
  }

  /// Somebody has come under this name, or an operator wants it gone.
  func settle(_ name: ClientID, own: StreamID?, reason: String, isAlone: Bool = false) {
    let others = sockets.memberships.members(of: AudienceKey(client: name)).filter {
      $0 != own && sockets[$0].hall == .clients
    }
    if others.isEmpty { return }
    if isAlone || bus.isAway { return settleAlone(others, own, reason) }
    let key = AudienceKey(client: name)
    inQuestion[key, default: 0] += 1
    directory.newest(name) { [weak self] answer in
      guard let self, !sockets.isSuspended else { return }
      switch answer {
      case .success(let newest):
        settled(key)
        for stream in others where sockets.isTalking(stream) && !newest.contains(holder(stream)) {
          sockets.close(stream, .normal, reason)
        }
      case .failure:
        sockets.loop.after(Self.askAgain) { [weak self] in
          self?.settle(name, own: own, reason: reason)
          self?.settled(key)
        }
      }
    }
  }

  private func settled(_ key: AudienceKey) {
    guard let count = inQuestion[key] else { return }
    inQuestion[key] = count > 1 ? count - 1 : nil
  }

  /// Whether it stays is being asked: until that is known, it is nobody else's to decide.
  func isInQuestion(_ stream: StreamID) -> Bool {
    !inQuestion.isEmpty && sockets.name(of: stream).map { inQuestion[$0.key] != nil } ?? false
  }

  /// Without Redis the sockets of this worker are all we know of.
  private func settleAlone(_ others: [StreamID], _ own: StreamID?, _ reason: String) {
    guard let own, sockets.isTalking(own) else { return }
    for stream in others where sockets[stream].openedAt < sockets[own].openedAt {
      sockets.close(stream, .normal, reason)
    }
  }

  func joins(_ name: ClientID, _ group: Name, at place: EntryID?) {
    let key = AudienceKey(group: group)
    for stream in sockets.memberships.members(of: AudienceKey(client: name))
    where !hasBehind(stream, place) {
      sockets.table.change(stream) { _ = sockets.join(stream, Membership(key, group.text)) }
      // It has joined the last channel it may while this was on its way: nobody is to count on it.
      if !sockets.hasJoined(stream, key) { return directory.leave(name, group) { _ in } }
      bus.joined(stream, key)
    }
  }

  func parts(_ name: ClientID, _ group: Name, at place: EntryID?) {
    for stream in sockets.memberships.members(of: AudienceKey(client: name))
    where !hasBehind(stream, place) {
      sockets.table.change(stream) { _ = sockets.part(stream, AudienceKey(group: group)) }
    }
  }

  /// Redis may not know who is here: those who came while it was away, or all of them when it has lost its data.
  func introduceAll() {
    for index in 0..<sockets.population(of: .clients) {
      if let stream = sockets.seat(index, of: .clients) { introduce(stream) }
    }
  }

  func introduce(_ stream: StreamID) {
    guard !sockets.isSuspended, sockets.isTalking(stream), let name = name(of: stream) else { return }
    let peer = sockets.peerName(of: stream)
    directory.introduce(name, as: holder(stream), since: sockets.since(stream), peer: peer) {
      [weak self] answer in
      guard let self, !sockets.isSuspended, sockets.isTalking(stream) else { return }
      switch answer {
      case .success(.welcome(let groups)): join(stream, groups)
      case .success(.replaces(let groups)):
        join(stream, groups)
        sockets.table.change(stream) { self.came(stream) }
      // Its claim may have come to a process that died over it.
      case .success(.replaced): settle(name, own: nil, reason: Self.replaced)
      // Who comes back to Redis, or is well with it again, introduces everybody.
      case .failure(.down), .failure(.slow), .failure(.malformed): return
      case .failure(.refused(let refusal)) where refusal.health != nil: return
      case .failure(.refused), .failure(.full):
        sockets.loop.after(Self.askAgain) { [weak self] in self?.introduce(stream) }
      }
    }
  }

  /// What was not known when it came.
  private func join(_ stream: StreamID, _ groups: [Name]) {
    for group in groups {
      let key = AudienceKey(group: group)
      sockets.table.change(stream) { _ = sockets.join(stream, Membership(key, group.text)) }
      bus.joined(stream, key)
    }
  }

  /// Everybody of this worker who has a name.
  var present: [ClientID] {
    (0..<sockets.population(of: .clients)).compactMap { index in
      sockets.seat(index, of: .clients).flatMap { name(of: $0) }
    }
  }

  func holder(_ stream: StreamID) -> Holder {
    Holder(host: address.host, slot: address.slot, life: address.life, connection: stream.number)
  }

  /// Another process serves them now.
  func forgetAll() {
    names.removeAll()
    inQuestion.removeAll()
    arrivedAt.removeAll()
  }

  private func name(of stream: StreamID) -> ClientID? {
    if let name = names[stream] { return name }
    let name = sockets.name(of: stream).flatMap { ClientID($0.name) }
    names[stream] = name
    return name
  }
}
