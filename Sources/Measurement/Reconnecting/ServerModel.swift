/// A server as a herd meets it: one line of people at one door. Times are nanoseconds.
public struct ServerModel: Equatable, Sendable {
  /// What happens to a connection for which there is no place in the line.
  public enum Overflow: String, CaseIterable, Sendable {
    /// The kernel does not answer; the client's tries again after 1, 2, 4 … seconds. So does Linux.
    case drop
    /// It is told no, and comes back by its policy.
    case refuse
  }

  /// Handshakes it can complete in a second, busy with nothing else.
  public var acceptsPerSecond: Double
  /// From connecting to the answer, when nobody else is there.
  public var handshake: UInt64
  /// How many may wait.
  public var queue: Int
  public var overflow: Overflow
  /// How long a client waits for one attempt. What it does not wait for is work all the same.
  public var timeout: UInt64
  /// After it has dropped everybody it is not there for so long, and connecting is refused.
  public var away: UInt64

  public static let mostAccepts = 10_000_000.0

  public init(
    acceptsPerSecond: Double, handshake: UInt64 = 1_000_000, queue: Int = 4096, overflow: Overflow = .drop,
    timeout: UInt64 = 10_000_000_000, away: UInt64 = 0
  ) {
    self.acceptsPerSecond = min(max(acceptsPerSecond, 0.001), Self.mostAccepts)
    self.handshake = handshake
    self.queue = queue
    self.overflow = overflow
    self.timeout = timeout
    self.away = away
  }

  /// The server's own work for one handshake.
  var service: Double { 1e9 / acceptsPerSecond }
}

/// The line at the door while a herd comes: who is served when.
struct DoorLine: Equatable {
  enum Answer: Equatable {
    /// The handshake is answered then.
    case at(UInt64)
    case full
    case nobodyHome
  }

  private let model: ServerModel
  private let service: Double
  /// When everybody who waits has been served.
  private var free = 0.0

  init(_ model: ServerModel) {
    self.model = model
    service = model.service
  }

  /// How long, in nanoseconds, one more has to wait then at least; in a line that is full as if there were room.
  func least(at time: UInt64) -> Double { min(free - Double(time), service * Double(model.queue)) }

  /// Calls have to come in the order of time.
  mutating func knock(at time: UInt64) -> Answer {
    if time < model.away { return .nobodyHome }
    let now = Double(time)
    if (free - now) / service >= Double(model.queue) { return .full }
    free = max(free, now) + service
    let way = max(0, Double(model.handshake) - service)
    return .at(UInt64(free + way))
  }
}
