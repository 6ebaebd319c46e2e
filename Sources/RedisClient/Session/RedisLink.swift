import Bytes
package import EventLoop
package import FleetState

/// A connection to Redis that comes back: it connects, greets, notices silence, and tries again with growing,
/// random pauses. `Redis` and `RedisStreams` each have one and differ in what they say over it.
///
/// In: `send`, `close`. Out: `onReady` after each greeting, `onReply` for each answer, `onLost` with the tickets
/// that will never have one. None of them is called from inside `send`.
package final class RedisLink<Ticket> {
  package struct Limits: Sendable {
    /// Commands without an answer, and bytes Redis has not taken.
    package var waiting = 65_536
    package var unsentBytes = 16 << 20
    /// A connection whose oldest command waits longer is given up.
    package var patience: Duration = .seconds(5)

    package init() {}
  }

  package var onReady: (() -> Void)?
  /// The answer is a view: it is to be read or copied, and nothing may be sent before it returns.
  package var onReply: ((Ticket, Reply) -> Void)?
  /// Something was published on a channel that this connection listens to; a view, too.
  package var onPush: ((Reply) -> Void)?
  /// Silence has made `health` another.
  package var onSilence: (() -> Void)?
  /// All answers of one read have been handed out.
  package var onRead: (() -> Void)?
  package var onLost: (([Ticket], RedisError) -> Void)?

  /// What the last attempt or answer told.
  package private(set) var health = RedisHealth.down
  /// Why there is no connection; `nil` while there is one.
  package private(set) var lastError: RedisError?
  package private(set) var connections = 0
  /// Smoothed over some ten answers.
  package private(set) var roundTripMicros = 0

  private enum Phase { case idle, connecting, ready, resting, closed }

  private let loop: EventLoop
  private let endpoint: RedisEndpoint
  private let name: String
  private let limits: Limits
  /// Those of the last search that have not been tried.
  private var untried: [SocketAddress] = []
  private var search: NameSearch?
  private var phase = Phase.idle
  private var session = RedisSession<Ticket>()
  private var stream: RedisTransport?
  private var backoff = Backoff.reconnect
  private var random = SystemRandomNumberGenerator()
  private var stopWatching: (() -> Void)?
  private var connectingSince = Moment.current
  private var refusedAt: Moment?
  /// How long the last answer took.
  private var lastWait = Duration.zero
  private var isReading = false
  private var closesAfterRead = false

  package init(_ loop: EventLoop, endpoint: RedisEndpoint, name: String, limits: Limits = Limits()) {
    self.loop = loop
    self.endpoint = endpoint
    // CLIENT SETNAME takes no spaces.
    self.name = name.replacing(" ", with: "-")
    self.limits = limits
  }

  deinit {
    stopWatching?()
    stream?.close()
  }

  package var isReady: Bool { phase == .ready }
  package var waiting: Int { session.waiting }

  package func open() {
    guard phase == .idle else { return }
    stopWatching = loop.every(limits.patience / 8) { [weak self] in self?.watch() }
    connect()
  }

  /// Ends for good. Whoever still waits gets `down`.
  package func close() {
    if phase == .closed { return }
    // The session is still speaking; it must not be ended from inside its own answer.
    if isReading {
      closesAfterRead = true
      return
    }
    stopWatching?()
    stopWatching = nil
    lose(.down("closed"))
    phase = .closed
    onReady = nil
    onReply = nil
    onPush = nil
    onSilence = nil
    onRead = nil
    onLost = nil
  }

  /// What was sent in this turn leaves now, not at its end.
  package func pushOut() { stream?.pushOut() }

  /// Sends one command, or says why not.
  package func send(_ ticket: Ticket, _ fill: (inout RedisCommand) -> Void) throws(RedisError) {
    guard phase == .ready, let stream else { throw .down("not connected") }
    if session.waiting >= limits.waiting || stream.pendingBytes >= limits.unsentBytes { throw .full }
    stream.write { session.send(ticket, at: loop.now, into: &$0, fill) }
  }

  package func note(_ refusal: RedisRefusal) {
    guard let told = refusal.health else { return }
    health = told
    refusedAt = loop.now
  }

  /// A read may well succeed while every write is refused, so a refusal counts for a while; and an answer that came
  /// late does not make Redis quick. `evenLate`: to whom it matters only that something comes.
  package func noteSuccess(evenLate: Bool = false) {
    if health == .up || !evenLate && lastWait > limits.patience / 4 { return }
    if let refusedAt, loop.now.duration(since: refusedAt) < .seconds(3) { return }
    health = .up
  }

  // MARK: One connection's life

  private func connect() {
    phase = .connecting
    connectingSince = loop.now
    session = RedisSession()
    if !untried.isEmpty { return connect(to: untried.removeFirst()) }
    guard let named = endpoint.named else { return connect(toFirstOf: endpoint.addresses()) }
    do throws(SystemError) {
      search = try NameSearch(loop, for: named.host) { [weak self] found in
        guard let self else { return }
        search = nil
        if found.isEmpty { return lose(.down("there is no host \(named.host)")) }
        connect(toFirstOf: found.map { .tcp(host: $0, port: named.port) })
      }
    } catch {
      lose(.down("\(error)"))
    }
  }

  private func connect(toFirstOf addresses: [SocketAddress]) {
    untried = Array(addresses.dropFirst())
    if let first = addresses.first { connect(to: first) }
  }

  private func connect(to address: SocketAddress) {
    do throws(RedisError) {
      let stream = try RedisTransport(loop, endpoint, at: address)
      self.stream = stream
      stream.onOpen = { [weak self] in self?.greet() }
      stream.onBytes = { [weak self] in self?.receive($0) }
      stream.onEnd = { [weak self] in self?.lose($0) }
    } catch {
      lose(error)
    }
  }

  private func greet() {
    stream?.write { session.open(endpoint, name: name, at: loop.now, into: &$0) }
  }

  private func receive(_ bytes: Span<UInt8>) {
    let failure = read(bytes)
    if closesAfterRead { return close() }
    if phase == .connecting && session.isReady {
      phase = .ready
      health = .up
      lastError = nil
      refusedAt = nil
      untried.removeAll()
      connections += 1
      backoff.reset()
      onReady?()
    }
    onRead?()
    if let failure { lose(failure) }
  }

  private func read(_ bytes: Span<UInt8>) -> RedisError? {
    isReading = true
    defer { isReading = false }
    do throws(RedisError) {
      try session.receive(bytes, at: loop.now, push: onPush) { ticket, reply, nanoseconds in
        if closesAfterRead { return }
        let micros = Int(clamping: nanoseconds / 1000)
        lastWait = .microseconds(micros)
        roundTripMicros = roundTripMicros == 0 ? micros : (roundTripMicros * 7 + micros) / 8
        onReply?(ticket, reply)
      }
      return nil
    } catch {
      return error
    }
  }

  private func lose(_ error: RedisError) {
    if phase == .closed || phase == .resting { return }
    lastError = error
    search = nil
    let lost = session.close()
    let hadStream = stream
    stream = nil
    hadStream?.close()
    health = error.health == .up ? .down : error.health
    phase = .resting
    loop.after(backoff.next(using: &random)) { [weak self] in
      guard let self, self.phase == .resting else { return }
      self.connect()
    }
    onLost?(lost, error)
  }

  private func watch() {
    switch phase {
    case .idle, .resting, .closed: return
    case .connecting:
      if loop.now.duration(since: connectingSince) > limits.patience { lose(.slow) }
    case .ready:
      guard let since = session.waitingSince else { return }
      let waited = loop.now.duration(since: since)
      if waited > limits.patience {
        lose(.slow)
      } else if waited > limits.patience / 4, health != .slow {
        health = .slow
        onSilence?()
      }
    }
  }
}
