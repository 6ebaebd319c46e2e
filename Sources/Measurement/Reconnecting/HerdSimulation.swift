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
  private var agenda = Agenda<Attempt>()
  /// At the door: attempts, and the kernel's tries within them.
  private var knocks = 0

  public static let mostClients = 1_000_000
  /// An hour, after all have begun.
  public static let patience: UInt64 = 3_600_000_000_000
  static let mostKnocks = 50_000_000
  /// Attempts in vain that are simulated one by one, of those before somebody is there.
  private static let last: UInt64 = 32

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
  }

  private mutating func run() -> Outcome {
    outcome.stillAway = clients
    for client in 0..<clients { retry(Int32(client), number: 0, after: 0) }
    let end = allBegin.addingClamped(Self.patience)
    while !outcome.isHopeless, let (time, attempt) = agenda.next() {
      if time > end || knocks >= mostKnocks { break }
      outcome.ended = time
      carryOut(attempt, at: time)
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

  private mutating func carryOut(_ attempt: Attempt, at time: UInt64) {
    knocks += 1
    if attempt.tries == 0 { outcome.attempts += 1 }
    switch line.knock(at: time) {
    case .at(let answer):
      if answer - attempt.began > model.timeout { return timeOut(attempt, at: time) }
      outcome.herd.add(at: answer)
      outcome.back.record(answer)
      outcome.stillAway -= 1
    case .nobodyHome: refuse(attempt, at: time)
    case .full:
      switch model.overflow {
      case .refuse: refuse(attempt, at: time)
      case .drop:
        outcome.unheard += 1
        let later = time + 1_000_000_000 << UInt64(min(attempt.tries, 6))
        if later - attempt.began > model.timeout { return timeOut(attempt, at: time) }
        let again = Attempt(
          client: attempt.client, number: attempt.number, tries: attempt.tries + 1, began: attempt.began)
        agenda.add(again, at: later)
      }
    }
  }

  private mutating func refuse(_ attempt: Attempt, at time: UInt64) {
    outcome.refused += 1
    retry(attempt.client, number: Self.next(attempt.number), after: time)
  }

  private mutating func timeOut(_ attempt: Attempt, at time: UInt64) {
    outcome.timedOut += 1
    if endsWhenCertain, isHopeless(at: time) { outcome.isHopeless = true }
    retry(
      attempt.client, number: Self.next(attempt.number),
      after: attempt.began.addingClamped(model.timeout))
  }

  private mutating func retry(_ client: Int32, number: UInt8, after time: UInt64) {
    var number = number
    var begins = time.addingClamped(pause(client, number))
    // Who gives out slots knows for how long it is going to be away.
    if number == 0, case .slots = policy { begins = begins.addingClamped(model.away) }
    // While nobody is there nobody else matters, and an attempt in vain is no event of its own.
    if begins < model.away { (number, begins) = waitInVain(client, number, from: begins) }
    agenda.add(Attempt(client: client, number: number, tries: 0, began: begins), at: begins)
  }

  /// All attempts of a client from `begins` on, until somebody is there.
  private mutating func waitInVain(_ client: Int32, _ number: UInt8, from begins: UInt64) -> (UInt8, UInt64) {
    var (number, begins) = (number, begins)
    // Of very many only their number counts: the last ones decide when somebody is met.
    let last = policy.longestPause.multipliedReportingOverflow(by: Self.last).partialValue
    if model.away - begins > last {
      let pauses = (model.away - begins - last) / policy.meanPause
      refuse(Int(clamping: pauses))
      begins += pauses * policy.meanPause
      number = .max
    }
    while begins < model.away {
      refuse(1)
      number = Self.next(number)
      begins = begins.addingClamped(max(1, pause(client, number)))
    }
    return (number, begins)
  }

  private mutating func refuse(_ count: Int) {
    outcome.attempts = outcome.attempts.addingClamped(count)
    outcome.refused = outcome.refused.addingClamped(count)
  }

  private mutating func pause(_ client: Int32, _ number: UInt8) -> UInt64 {
    policy.pause(attempt: Int(number), place: Double(client) / Double(max(1, clients)), &random)
  }

  private static func next(_ number: UInt8) -> UInt8 { min(number, .max - 1) + 1 }
}
