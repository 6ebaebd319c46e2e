import Bytes

/// What becomes of clients that are all dropped and come back by one policy: a simulation of every attempt of every
/// client against a server model. The same seed, the same outcome.
public struct HerdSimulation {
  public struct Outcome: Equatable, Sendable {
    /// When they came back, in steps of 100 ms since they were dropped.
    public var herd = Herd()
    /// How long each was away.
    public var back = Histogram()
    public var attempts = 0
    /// Told no: nobody was there, or the line was full.
    public var refused = 0
    /// Not heard, because the line was full: the kernel tried again by itself.
    public var unheard = 0
    /// Waited in vain for the answer.
    public var timedOut = 0
    /// Clients that were still away when the simulation ended.
    public var stillAway = 0

    public init() {}
  }

  private struct Attempt {
    let time: UInt64
    let client: Int32
    /// By the policy, and of the kernel within this one.
    let number: UInt8
    let tries: UInt8
    /// When the client began it.
    let began: UInt64
  }

  private let clients: Int
  private let policy: ReturnPolicy
  private let model: ServerModel
  private var line: DoorLine
  private var random: SplitMix64
  private var outcome = Outcome()
  private var agenda: Agenda<Attempt>

  public static let mostClients = 1_000_000
  /// An hour: who is not back by then never will be.
  public static let horizon: UInt64 = 3_600_000_000_000
  /// For each client, and for all: a herd that has come so often never gets in.
  private static let attemptsEach = 200
  private static let mostAttempts = 20_000_000

  public static func run(clients: Int, _ policy: ReturnPolicy, on model: ServerModel, seed: UInt64) -> Outcome
  {
    var simulation = HerdSimulation(clients: clients, policy, model, seed: seed)
    return simulation.run()
  }

  private init(clients: Int, _ policy: ReturnPolicy, _ model: ServerModel, seed: UInt64) {
    self.clients = min(max(clients, 0), Self.mostClients)
    self.policy = policy
    self.model = model
    line = DoorLine(model)
    random = SplitMix64(seed: seed)
    agenda = Agenda(capacity: self.clients)
  }

  private mutating func run() -> Outcome {
    for client in 0..<clients { retry(Int32(client), number: 0, after: 0) }
    outcome.stillAway = clients
    let most = min(clients * Self.attemptsEach, Self.mostAttempts)
    while let attempt = agenda.next() {
      if attempt.time > Self.horizon || outcome.attempts >= most { break }
      carryOut(attempt)
    }
    return outcome
  }

  private mutating func carryOut(_ attempt: Attempt) {
    if attempt.tries == 0 { outcome.attempts += 1 }
    switch line.knock(at: attempt.time) {
    case .at(let answer):
      if answer - attempt.began > model.timeout { return timeOut(attempt) }
      outcome.herd.add(at: answer)
      outcome.back.record(answer)
      outcome.stillAway -= 1
    case .nobodyHome: refuse(attempt)
    case .full:
      switch model.overflow {
      case .refuse: refuse(attempt)
      case .drop:
        outcome.unheard += 1
        let later = attempt.time + 1_000_000_000 << UInt64(min(attempt.tries, 6))
        if later - attempt.began > model.timeout { return timeOut(attempt) }
        plan(
          Attempt(
            time: later, client: attempt.client, number: attempt.number, tries: attempt.tries + 1,
            began: attempt.began))
      }
    }
  }

  private mutating func refuse(_ attempt: Attempt) {
    outcome.refused += 1
    retry(attempt.client, number: min(attempt.number, .max - 1) + 1, after: attempt.time)
  }

  private mutating func timeOut(_ attempt: Attempt) {
    outcome.timedOut += 1
    retry(
      attempt.client, number: min(attempt.number, .max - 1) + 1,
      after: attempt.began.addingClamped(model.timeout))
  }

  private mutating func retry(_ client: Int32, number: UInt8, after time: UInt64) {
    let place = Double(client) / Double(max(1, clients))
    let pause = policy.pause(attempt: Int(number), place: place, &random)
    var begins = time.addingClamped(pause)
    // Who gives out slots knows for how long it is going to be away.
    if number == 0, case .slots = policy { begins = begins.addingClamped(model.away) }
    plan(Attempt(time: begins, client: client, number: number, tries: 0, began: begins))
  }

  private mutating func plan(_ attempt: Attempt) { agenda.add(attempt, at: attempt.time) }
}
