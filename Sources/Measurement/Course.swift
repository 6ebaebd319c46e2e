/// A run in phases, each with so many sockets that send so often, one after another. Most runs have one.
///
/// Times are nanoseconds of the run. A phase with more sockets than the one before opens them at the rate; one with
/// fewer closes the last ones at its beginning.
public struct Course: Equatable, Sendable {
  public struct Phase: Equatable, Sendable {
    public let begins: UInt64
    public let sockets: Int
    /// Of the phase alone: its times count from `begins`.
    public let schedule: Schedule
    /// Held by the phase before.
    fileprivate let before: Int
  }

  /// What a line of a file of phases says.
  public struct Part: Equatable, Sendable {
    public let nanoseconds: UInt64
    public let sockets: Int
    public let sendRate: Double

    public init(nanoseconds: UInt64, sockets: Int, sendRate: Double) {
      self.nanoseconds = nanoseconds
      self.sockets = sockets
      self.sendRate = sendRate
    }
  }

  public let phases: [Phase]
  /// Held in the largest phase.
  public let sockets: Int

  public init(_ parts: [Part], rate: Double, seed: UInt64, tick: UInt64 = 0) {
    precondition(!parts.isEmpty, "a run without a phase")
    var begins: UInt64 = 0
    var before = 0
    var phases: [Phase] = []
    for part in parts {
      let schedule = Schedule(
        sockets: part.sockets, rate: rate, sendRate: part.sendRate, seed: seed, tick: tick)
      phases.append(Phase(begins: begins, sockets: part.sockets, schedule: schedule, before: before))
      begins = begins.addingClamped(part.nanoseconds)
      before = part.sockets
    }
    self.phases = phases
    sockets = parts.map(\.sockets).max() ?? 0
  }

  /// When `socket` is to open in a phase that holds it; at once if the phase before should have held it already.
  public func opening(of socket: Int, in phase: Int) -> UInt64 {
    let phase = phases[phase]
    return phase.begins.addingClamped(phase.schedule.opening(of: socket - phase.before))
  }

  /// When the last socket of the first phase is meant to open.
  public var openedBy: UInt64 { phases[0].schedule.openedBy }

  /// Nil when nothing is ever sent.
  public var longestPeriod: UInt64? { phases.compactMap(\.schedule.period).max() }
  public var shortestPeriod: UInt64? { phases.compactMap(\.schedule.period).min() }

  /// How many messages the plan has in all, until `end`.
  public func messages(until end: UInt64) -> UInt64 {
    phases.indices.reduce(0) { sum, number in
      let phase = phases[number]
      let last = min(end, self.end(of: number))
      guard let period = phase.schedule.period, last > phase.begins else { return sum }
      return sum.addingClamped((last - phase.begins) / period &* UInt64(phase.sockets))
    }
  }

  /// When the next phase begins: the end of time for the last.
  public func end(of phase: Int) -> UInt64 {
    phase + 1 < phases.count ? phases[phase + 1].begins : .max
  }

  /// Each moment of the plan at which `socket` is to send, from `first` through `last`.
  public func sends(of socket: Int, from first: UInt64, through last: UInt64, _ send: (UInt64) -> Void) {
    for (number, phase) in phases.enumerated() where socket < phase.sockets {
      let from = max(first, phase.begins)
      guard let period = phase.schedule.period, from <= last,
        let offset = phase.schedule.firstSend(of: socket, from: from - phase.begins)
      else { continue }
      var due = phase.begins &+ offset
      while due <= last, due < end(of: number) {
        send(due)
        due = due.addingClamped(period)
      }
    }
  }
}

extension Course {
  public struct Malformed: Error, Equatable, CustomStringConvertible {
    public let description: String
  }

  public static let mostPhases = 1000

  /// Lines as `DURATION SOCKETS SEND-RATE`; what follows a `#` is for people. A semicolon ends a line, too.
  public static func parts(
    _ text: String, duration: (String) -> UInt64?, mostSockets: Int, mostRate: Double
  ) throws(Malformed) -> [Part] {
    var parts: [Part] = []
    let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.enumerated()
    let phases = lines.flatMap { number, line in
      line.prefix { $0 != "#" }.split(separator: ";").map { (number, $0) }
    }
    for (number, line) in phases {
      let words = line.split { $0.isWhitespace }
      if words.isEmpty { continue }
      func wrong(_ what: String) -> Malformed { Malformed(description: "line \(number + 1): \(what)") }
      guard words.count == 3 else { throw wrong("write DURATION SOCKETS SEND-RATE, such as '10s 500 2'") }
      guard let nanoseconds = duration(String(words[0])), nanoseconds > 0 else {
        throw wrong("'\(words[0])' is no duration, such as 10s")
      }
      guard let sockets = Int(words[1]), (1...mostSockets).contains(sockets) else {
        throw wrong("'\(words[1])' is no number of sockets from 1 to \(mostSockets)")
      }
      guard let rate = Double(words[2]), rate >= 0, rate <= mostRate else {
        throw wrong("'\(words[2])' is no number of messages a second from 0 to \(Int(mostRate))")
      }
      parts.append(Part(nanoseconds: nanoseconds, sockets: sockets, sendRate: rate))
      if parts.count > mostPhases { throw Malformed(description: "more than \(mostPhases) phases") }
    }
    if parts.isEmpty { throw Malformed(description: "there is no phase in it") }
    return parts
  }
}
