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
    /// Clients that were still away when the simulation ended, and when that was.
    public var stillAway = 0
    public var ended: UInt64 = 0
    /// It is certain that none of them ever gets in.
    public var isHopeless = false

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
  private let endsWhenCertain: Bool
  /// It ends after so many, wherever it is.
  private let mostKnocks: Int
  /// When the last client has begun.
  private let allBegin: UInt64
  private var outcome = Outcome()
  private var agenda: Agenda<Attempt>
  /// At the door: attempts, and the kernel's tries within them.
  private var knocks = 0

  public static let mostClients = 1_000_000
  /// An hour, after all have begun.
  public static let patience: UInt64 = 3_600_000_000_000
  static let mostKnocks = 20_000_000

  public static func run(clients: Int, _ policy: ReturnPolicy, on model: ServerModel, seed: UInt64) -> Outcome
  {
    run(clients: clients, policy, on: model, seed: seed, endsWhenCertain: true)
  }

  /// Not `endsWhenCertain`: it goes on though nobody gets in any more.
  static func run(
    clients: Int, _ policy: ReturnPolicy, on model: ServerModel, seed: UInt64, endsWhenCertain: Bool,
    mostKnocks: Int = mostKnocks
  ) -> Outcome {
    var simulation = HerdSimulation(clients: clients, policy, model, seed: seed, endsWhenCertain, mostKnocks)
    return simulation.run()
  }

  private init(
    clients: Int, _ policy: ReturnPolicy, _ model: ServerModel, seed: UInt64, _ endsWhenCertain: Bool,
    _ mostKnocks: Int
  ) {
    self.clients = min(max(clients, 0), Self.mostClients)
    self.policy = policy
    self.model = model
    self.endsWhenCertain = endsWhenCertain
    self.mostKnocks = mostKnocks
    allBegin = policy.window.addingClamped(model.away)
    line = DoorLine(model)
    random = SplitMix64(seed: seed)
    agenda = Agenda(capacity: self.clients)
  }

  private mutating func run() -> Outcome {
    outcome.stillAway = clients
    for client in 0..<clients { retry(Int32(client), number: 0, after: 0) }
    let end = allBegin.addingClamped(Self.patience)
    while !outcome.isHopeless, let attempt = agenda.next() {
      if attempt.time > end || knocks >= mostKnocks { break }
      outcome.ended = attempt.time
      carryOut(attempt)
    }
    return outcome
  }

  /// Nobody gets in any more. The line takes longer than a client waits and stays away, so it takes longer than a
  /// client waits until each who is away has come again; and their coming makes it longer by more than it was served
  /// meanwhile, or fills it. So it is no shorter then, and so on for ever.
  private func isHopeless(at time: UInt64) -> Bool {
    let between = Double(model.timeout.addingClamped(policy.longestPause))
    return line.least(at: time) > Double(model.timeout) + between
      && Double(outcome.stillAway) * model.service > between && time >= allBegin
  }

  private mutating func carryOut(_ attempt: Attempt) {
    knocks += 1
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
    retry(attempt.client, number: Self.next(attempt.number), after: attempt.time)
  }

  private mutating func timeOut(_ attempt: Attempt) {
    outcome.timedOut += 1
    if endsWhenCertain, isHopeless(at: attempt.time) { outcome.isHopeless = true }
    retry(
      attempt.client, number: Self.next(attempt.number),
      after: attempt.began.addingClamped(model.timeout))
  }

  private mutating func retry(_ client: Int32, number: UInt8, after time: UInt64) {
    var number = number
    var begins = time.addingClamped(pause(client, number))
    // Who gives out slots knows for how long it is going to be away.
    if number == 0, case .slots = policy { begins = begins.addingClamped(model.away) }
    // While nobody is there nobody else matters: no event of its own for each attempt in vain.
    if begins < model.away, case .fixed(let pause) = policy, pause > 0 {
      let more = (model.away - begins - 1) / pause
      refuse(Int(clamping: more))
      begins += more * pause
    }
    while begins < model.away, knocks < mostKnocks {
      knocks += 1
      refuse(1)
      number = Self.next(number)
      begins = begins.addingClamped(pause(client, number))
    }
    plan(Attempt(time: begins, client: client, number: number, tries: 0, began: begins))
  }

  private mutating func refuse(_ count: Int) {
    outcome.attempts = outcome.attempts.addingClamped(count)
    outcome.refused = outcome.refused.addingClamped(count)
  }

  private mutating func pause(_ client: Int32, _ number: UInt8) -> UInt64 {
    policy.pause(attempt: Int(number), place: Double(client) / Double(max(1, clients)), &random)
  }

  private static func next(_ number: UInt8) -> UInt8 { min(number, .max - 1) + 1 }

  private mutating func plan(_ attempt: Attempt) { agenda.add(attempt, at: attempt.time) }
}
