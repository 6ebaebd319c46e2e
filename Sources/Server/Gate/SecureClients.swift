import Bytes
import EventLoop
import Glibc
import TLS
import WireProtocol

/// All clients of one gate: shakes hands with each, and carries what it says to a worker and back.
///
/// In: accepted sockets. Out: connections to workers' inner listener, each with a head that says whose it is; counts on
/// the board. What waits for a slow end is bounded, because the other end is not read meanwhile.
final class SecureClients: EventSource {
  struct Terms {
    /// Where workers take what a gate passes on.
    var inner: SocketAddress
    var pass: GatePass
    var most: Int
  }

  /// For connections made from now on.
  var context: TLSContext
  /// Nobody is left.
  var onEmpty: (() -> Void)?
  private(set) var count = 0

  private let loop: EventLoop
  private let terms: Terms
  private let ledger: GateLedger
  private let log: Log
  private var failureLines = Brevity(perSecond: 10)
  private var source = SourceID.none
  private var places: [SecureClient?] = []
  private var generations: [UInt32] = []
  private var freed: [Int] = []
  // One of each for all: no step leaves anything in them.
  private var chunk = ByteBuffer(capacity: readSize)
  private var plain = ByteBuffer(capacity: readSize)
  private var cipher = ByteBuffer(capacity: 2 * readSize)

  private static let readSize = 32 << 10
  private static let readsPerTurn = 4
  /// What a worker said and we have not read: more would hide from it that its client is slow.
  private static let innerUnread: Int32 = 128 << 10
  private static let placeBits: UInt32 = 20
  private static let workerBit: UInt32 = 1 << placeBits

  init(_ loop: EventLoop, context: TLSContext, terms: Terms, ledger: GateLedger, log: Log) {
    self.loop = loop
    self.context = context
    self.terms = terms
    self.ledger = ledger
    self.log = log
    source = loop.add(self)
  }

  // MARK: Coming

  func accept(_ socket: consuming Descriptor) {
    ledger.counters.accepted &+= 1
    guard count < min(terms.most, 1 << Int(Self.placeBits)) else { return ledger.failed(.overCapacity) }
    let number = socket.number
    guard let peer = Self.peer(of: number), let session = try? TLSSession(serving: context) else {
      return ledger.failed(.setup)
    }
    session.hearsOut = true
    let place = freed.popLast() ?? places.count
    if place == places.count {
      places.append(nil)
      generations.append(0)
    }
    generations[place] = (generations[place] &+ 1) & 0x7FF
    let id = UInt32(place) | generations[place] << (Self.placeBits + 1)
    let client = SecureClient(id: id, client: socket.release(), peer: peer, session: session)
    places[place] = client
    count += 1
    ledger.counters.open = UInt64(count)
    update(client)
  }

  private static func peer(of socket: Int32) -> PeerAddress? {
    guard let peer = Socket.peerAddress(of: socket) else { return nil }
    return PeerAddress(
      version: peer.version == 4 ? .v4 : .v6, high: peer.high, low: peer.low, port: peer.port)
  }

  /// Everybody goes, at once.
  func dropAll() { for case let client? in places { perform(client.crossing.clientBroke(), client) } }

  // MARK: What happens

  func ready(_ key: UInt32, _ readiness: Readiness) {
    let place = Int(key & (Self.workerBit - 1))
    guard places.indices.contains(place), let client = places[place], client.id == key & ~Self.workerBit
    else { return }
    if readiness.isEmpty {
      expired(client)
    } else if key & Self.workerBit == 0 {
      clientStirred(client, readiness)
    } else {
      workerStirred(client, readiness)
    }
    settle(client)
  }

  private func expired(_ client: SecureClient) {
    client.alarm = nil
    if client.crossing.phase == .shaking { ledger.failed(.timeout) }
    perform(client.crossing.expired(), client)
  }

  private func clientStirred(_ client: SecureClient, _ readiness: Readiness) {
    if readiness.contains(.writable), !client.flushDown() {
      return perform(client.crossing.clientBroke(), client)
    }
    if readiness.isDisjoint(with: [.readable, .hangup, .failed]) { return }
    for _ in 0..<Self.readsPerTurn where client.crossing.hearsClient {
      switch read(client.client) {
      case .notNow: return
      case .bytes(let count):
        ledger.counters.bytesIn &+= UInt64(count)
        hear(client)
        if count < Self.readSize { return }
      case .end(let end):
        if client.crossing.phase == .shaking { ledger.failed(.gone) }
        return perform(
          end == .eof ? client.crossing.clientEnded() : client.crossing.clientBroke(), client)
      }
    }
  }

  private func workerStirred(_ client: SecureClient, _ readiness: Readiness) {
    if client.crossing.phase == .calling {
      if Socket.pendingError(of: client.worker) != 0 {
        ledger.failed(.noWorker)
        return perform(client.crossing.workerBroke(), client)
      }
      client.crossing.called()
    }
    if readiness.contains(.writable), !client.flushUp() {
      return perform(client.crossing.workerBroke(), client)
    }
    if readiness.isDisjoint(with: [.readable, .hangup, .failed]) { return }
    for _ in 0..<Self.readsPerTurn where client.crossing.hearsWorker {
      switch read(client.worker) {
      case .notNow: return
      case .bytes(let count):
        tell(client)
        if count < Self.readSize { return }
      case .end(.eof): return workerEnded(client)
      case .end: return perform(client.crossing.workerBroke(), client)
      }
    }
  }

  /// Into `chunk`.
  private func read(_ socket: Int32) -> Socket.Received {
    chunk.clear()
    var outcome = Socket.Received.notNow
    chunk.append(upTo: Self.readSize) { room in
      outcome = Socket.receive(into: &room, from: socket)
      if case .bytes(let count) = outcome { return count }
      return 0
    }
    return outcome
  }

  // MARK: Carrying

  /// What the client has sent is in `chunk`.
  private func hear(_ client: SecureClient) {
    if !client.crossing.isHeeded { return }
    let isFirst = !client.hasSpoken
    client.hasSpoken = true
    if isFirst, PlainRequest.isOne(chunk.bytes) { return refuse(client) }
    cipher.clear()
    plain.clear()
    let wasShaking = client.crossing.phase == .shaking
    do throws(TLSError) {
      try client.session.receive(chunk.bytes, into: &plain, answering: &cipher)
    } catch {
      return failed(client, error)
    }
    if !cipher.isEmpty, !send(cipher, down: client) { return }
    if wasShaking, client.session.state != .handshaking {
      ledger.counters.shaken &+= 1
      perform(client.crossing.shaken(), client)
    }
    if !plain.isEmpty, client.crossing.isHeeded, !client.send(up: plain.bytes) {
      return perform(client.crossing.workerBroke(), client)
    }
    if client.session.state == .owing, !client.crossing.clientHasEnded {
      perform(client.crossing.clientEnded(), client)
    }
  }

  /// What the worker has sent is in `chunk`.
  private func tell(_ client: SecureClient) {
    cipher.clear()
    do throws(TLSError) { try client.session.write(chunk.bytes, into: &cipher) } catch {
      return perform(client.crossing.clientBroke(), client)
    }
    _ = send(cipher, down: client)
  }

  private func workerEnded(_ client: SecureClient) {
    cipher.clear()
    client.session.close(into: &cipher)
    if !cipher.isEmpty, !send(cipher, down: client) { return }
    perform(client.crossing.workerEnded(), client)
  }

  private func failed(_ client: SecureClient, _ error: TLSError) {
    if let remark = failureLines.remark(at: loop.now) {
      log.debug("\(client.peer): \(error)\(remark)", event: "tls_failed")
    }
    let isLate = client.crossing.phase != .shaking
    ledger.failed(isLate ? .broken : .handshake)
    // The alert that says why.
    if !cipher.isEmpty, !send(cipher, down: client) { return }
    perform(client.crossing.refused(), client)
  }

  private func refuse(_ client: SecureClient) {
    ledger.failed(.notTLS)
    cipher.clear()
    cipher.append(PlainRequest.answer)
    if send(cipher, down: client) { perform(client.crossing.refused(), client) }
  }

  private func send(_ bytes: borrowing ByteBuffer, down client: SecureClient) -> Bool {
    ledger.counters.bytesOut &+= UInt64(bytes.count)
    if client.send(down: bytes.bytes) { return true }
    perform(client.crossing.clientBroke(), client)
    return false
  }

  // MARK: Effects

  private func settle(_ client: SecureClient) {
    while let effect = client.crossing.settle() { perform(effect, client) }
    update(client)
  }

  private func perform(_ effect: Crossing.Effect?, _ client: SecureClient) {
    switch effect {
    case nil: return
    case .call: call(client)
    case .shutWorker: Socket.shutdownWrite(client.worker)
    case .dropWorker(let isReset): dropWorker(client, reset: isReset)
    case .shutClient: Socket.shutdownWrite(client.client)
    case .close: end(client, reset: false)
    case .reset: end(client, reset: true)
    }
  }

  private func call(_ client: SecureClient) {
    do throws(SystemError) {
      client.worker = try Socket.connect(to: terms.inner).release()
    } catch {
      ledger.failed(.noWorker)
      return perform(client.crossing.workerBroke(), client)
    }
    Socket.limitUnread(of: client.worker, to: Self.innerUnread)
    // It waits until the connection stands.
    var head = ByteBuffer(capacity: 80)
    ProxyHead(peer: client.peer, secret: terms.pass.secret).append(to: &head)
    _ = client.send(up: head.bytes)
  }

  private func dropWorker(_ client: SecureClient, reset: Bool) {
    if client.worker < 0 { return }
    if client.workerInterest != nil { loop.unwatch(client.worker) }
    client.workerInterest = nil
    if reset { Socket.resetOnClose(client.worker) }
    _ = Glibc.close(client.worker)
    client.worker = -1
    client.up.clear()
    client.up.trim(above: 0)
    client.crossing.heldUp = 0
  }

  private func end(_ client: SecureClient, reset: Bool) {
    let place = Int(client.id & (Self.workerBit - 1))
    guard places[place] === client else { return }
    dropWorker(client, reset: reset)
    if let alarm = client.alarm { loop.cancel(alarm) }
    if client.clientInterest != nil { loop.unwatch(client.client) }
    client.clientInterest = nil
    if reset { Socket.resetOnClose(client.client) }
    _ = Glibc.close(client.client)
    places[place] = nil
    freed.append(place)
    count -= 1
    ledger.counters.open = UInt64(count)
    if count == 0 { onEmpty?() }
  }

  // MARK: What is awaited

  /// Watches both ends for what is wanted of them now, and for how long.
  private func update(_ client: SecureClient) {
    if client.crossing.phase == .over { return }
    var wanted: Readiness = client.crossing.hearsClient ? .readable : []
    if client.crossing.heldDown > 0 { wanted.insert(.writable) }
    guard watch(client.client, wanted, client.id, &client.clientInterest) else {
      return perform(client.crossing.clientBroke(), client)
    }
    if client.worker >= 0 {
      var wanted: Readiness = client.crossing.hearsWorker ? .readable : []
      if client.crossing.heldUp > 0 { wanted.insert(.writable) }
      guard watch(client.worker, wanted, client.id | Self.workerBit, &client.workerInterest) else {
        return perform(client.crossing.clientBroke(), client)
      }
    }
    plan(client)
  }

  /// False: it cannot be watched.
  private func watch(_ socket: Int32, _ wanted: Readiness, _ key: UInt32, _ current: inout Readiness?) -> Bool
  {
    let next = wanted.isEmpty ? nil : wanted
    if next == current { return true }
    defer { current = next }
    guard let next else {
      loop.unwatch(socket)
      return true
    }
    if current != nil {
      loop.rewatch(socket, for: next, by: source, key: key)
      return true
    }
    return (try? loop.watch(socket, for: next, by: source, key: key)) != nil
  }

  private func plan(_ client: SecureClient) {
    if client.timed == client.crossing.phase { return }
    client.timed = client.crossing.phase
    if let alarm = client.alarm { loop.cancel(alarm) }
    client.alarm = client.crossing.patience.map { loop.wake(source, key: client.id, at: loop.now + $0) }
  }
}
