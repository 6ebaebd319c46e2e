/// How far one client is on its way through the gate, and what is to be done when one of its two ends goes.
///
/// It owns no socket and no TLS: what happened and how many bytes wait come in, effects go out. Between `call` and
/// `dropWorker` there is a connection to a worker; `close` and `reset` are the last there is.
struct Crossing: Equatable {
  enum Phase: Equatable {
    /// Only TLS talks.
    case shaking
    /// A worker is being connected to.
    case calling
    case open
    /// The worker has said its last: what waits for the client leaves, what the client says is dropped.
    case leaving
    /// Our end is said, the client's is awaited: to close on unread words would destroy ours.
    case lingering
    case over
  }

  enum Effect: Equatable {
    case call
    /// The client has ended its side; the worker still answers.
    case shutWorker
    /// The connection to the worker ends; by a reset when the client broke off.
    case dropWorker(reset: Bool)
    case shutClient
    /// Everything ends.
    case close
    case reset
  }

  private(set) var phase = Phase.shaking
  private(set) var clientHasEnded = false
  private(set) var isWorkerShut = false
  /// Bytes that wait for the worker, and for the client.
  var heldUp = 0
  var heldDown = 0

  /// With so much waiting for one side, the other is not read.
  static let most = 64 << 10
  /// A client that does not read what it has brought about is not heard, either.
  static let mostUnread = 256 << 10

  // MARK: What happened

  /// The handshake is done.
  mutating func shaken() -> Effect? {
    guard phase == .shaking else { return nil }
    phase = .calling
    return .call
  }

  /// The worker's connection stands.
  mutating func called() { if phase == .calling { phase = .open } }

  /// TLS has failed, and what waits for the client says why.
  mutating func refused() -> Effect? {
    switch phase {
    case .shaking:
      phase = .leaving
      return nil
    case .calling, .open:
      phase = .leaving
      return .dropWorker(reset: true)
    case .leaving, .lingering, .over: return nil
    }
  }

  /// The client says nothing more, with or without a goodbye.
  mutating func clientEnded() -> Effect? {
    clientHasEnded = true
    switch phase {
    case .shaking, .lingering: return finish(.close)
    case .calling, .open, .leaving, .over: return nil
    }
  }

  mutating func clientBroke() -> Effect? { phase == .over ? nil : finish(.reset) }

  /// The worker says nothing more.
  mutating func workerEnded() -> Effect? {
    switch phase {
    case .open:
      phase = .leaving
      return .dropWorker(reset: false)
    case .calling: return finish(.reset)
    case .shaking, .leaving, .lingering, .over: return nil
    }
  }

  mutating func workerBroke() -> Effect? {
    switch phase {
    case .calling, .open: finish(.reset)
    case .shaking, .leaving, .lingering, .over: nil
    }
  }

  /// What follows from what has left meanwhile; asked until there is nothing.
  mutating func settle() -> Effect? {
    switch phase {
    case .open:
      guard clientHasEnded, heldUp == 0, !isWorkerShut else { return nil }
      isWorkerShut = true
      return .shutWorker
    case .leaving:
      guard heldDown == 0 else { return nil }
      if clientHasEnded { return finish(.close) }
      phase = .lingering
      return .shutClient
    case .shaking, .calling, .lingering, .over: return nil
    }
  }

  /// `patience` is over.
  mutating func expired() -> Effect? {
    switch phase {
    case .shaking, .lingering: finish(.close)
    case .calling, .leaving: finish(.reset)
    case .open, .over: nil
    }
  }

  private mutating func finish(_ effect: Effect) -> Effect {
    phase = .over
    return effect
  }

  // MARK: What is awaited

  /// How long a phase may last; nil for as long as both ends want.
  var patience: Duration? {
    switch phase {
    case .shaking, .calling, .leaving: .seconds(10)
    case .lingering: .seconds(2)
    case .open, .over: nil
    }
  }

  var hearsClient: Bool {
    if clientHasEnded { return false }
    return switch phase {
    case .shaking: heldDown <= Self.mostUnread
    case .calling, .open: heldUp <= Self.most && heldDown <= Self.mostUnread
    case .leaving, .lingering: true
    case .over: false
    }
  }

  var hearsWorker: Bool { phase == .open && heldDown <= Self.most }

  /// What a client says is for somebody.
  var isHeeded: Bool {
    switch phase {
    case .shaking, .calling, .open: true
    case .leaving, .lingering, .over: false
    }
  }
}
