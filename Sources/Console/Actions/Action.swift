import FleetState

/// Something an operator can do to the fleet, declared once: its key, its words, its danger, its command. Menu, help,
/// confirmation and subcommand follow from it.
enum Action: CaseIterable {
  case drain, undrain
  case roll, upgrade, reload
  /// Of a roll that is on.
  case pause, proceed, takeBack
  case rebalance, audit
  /// Past the supervisors, to the sockets themselves.
  case broadcast, kick

  enum Danger {
    /// Carried out at once.
    case none
    /// Asked about, though nobody is dropped: many notice, or would if it went wrong.
    case moves
    /// Asked about with a warning: clients have to go.
    case drops
  }

  /// How a script says it.
  enum Form: Equatable {
    case command
    /// `wsconsole roll --pause`
    case flag(of: String)
    /// A command with words of its own: see `Errand`.
    case errand
  }

  /// Two actions may share a key when one of them makes sense after the other: the first possible one is meant.
  var key: Character {
    switch self {
    case .drain: "d"
    case .undrain: "u"
    case .roll: "r"
    case .upgrade: "g"
    case .reload: "l"
    case .pause, .proceed: "p"
    case .takeBack: "t"
    case .rebalance: "b"
    case .audit: "a"
    case .broadcast: "w"
    case .kick: "k"
    }
  }

  var verb: ControlCommand.Verb {
    switch self {
    case .drain: .drain
    case .undrain: .undrain
    case .roll: .roll
    case .upgrade: .upgrade
    case .reload: .reload
    case .pause: .pause
    case .proceed: .proceed
    case .takeBack: .takeback
    case .rebalance: .rebalance
    case .audit: .audit
    case .broadcast: .broadcast
    case .kick: .kick
    }
  }

  var word: String { verb.word }

  var explanation: String {
    switch self {
    case .drain: "ask every client to leave, then end the server"
    case .undrain: "take a drain back: the server goes on"
    case .roll: "replace the workers one after another, nobody is dropped"
    case .upgrade: "roll to the new binary, nobody is dropped"
    case .reload: "roll to the settings read anew, nobody is dropped"
    case .pause: "hold a roll before the next worker"
    case .proceed: "go on with a roll that is held"
    case .takeBack: "replace what a roll has replaced by what was before"
    case .rebalance: "even the sockets out between the workers"
    case .audit: "count what is held against what is said to be held"
    case .broadcast: "say something to every socket"
    case .kick: "close a client's socket, wherever it is"
    }
  }

  var danger: Danger {
    switch self {
    case .drain, .kick: .drops
    case .undrain, .roll, .upgrade, .reload, .takeBack, .rebalance: .moves
    case .broadcast: .moves
    case .pause, .proceed, .audit: .none
    }
  }

  var form: Form {
    switch self {
    case .drain, .undrain, .roll, .upgrade, .reload, .rebalance, .audit: .command
    case .pause, .proceed, .takeBack: .flag(of: "roll")
    case .broadcast, .kick: .errand
    }
  }

  /// What a script that waits is waiting for; nil when the answer is all there is.
  var goal: Following.Goal? {
    switch self {
    case .drain: .drained
    case .undrain: nil
    case .roll, .upgrade, .reload, .proceed: .rolled(.done)
    case .pause: .rolled(.paused)
    case .takeBack: .rolled(.takenback)
    case .rebalance: .rebalanced
    case .audit: .audited
    case .broadcast, .kick: nil
    }
  }

  /// A single worker can be its target.
  var takesWorker: Bool { self == .roll }

  /// The pages whose last line names it; the key works on every page.
  func isOffered(on page: View.Page) -> Bool {
    switch (self, page) {
    case (_, .help): false
    case (.broadcast, .overview), (.broadcast, .traffic), (.broadcast, .sockets), (.kick, .sockets): true
    case (.broadcast, _), (.kick, _): false
    case (_, .traffic), (_, .sockets), (_, .tasks), (_, .timeline): false
    case (.drain, _), (.roll, _), (.undrain, _): true
    case (.upgrade, .restart), (.reload, .restart): true
    case (.pause, .restart), (.proceed, .restart), (.takeBack, .restart): true
    case (.rebalance, .workers), (.audit, .workers), (.audit, .overview): true
    case (.upgrade, _), (.reload, _), (.pause, _), (.proceed, _), (.takeBack, _), (.rebalance, _),
      (.audit, _):
      false
    }
  }

  /// Why it makes no sense now; nil when it does.
  func obstacle(_ snapshot: Snapshot?) -> String? {
    guard let snapshot else { return "Nothing is known of the fleet yet." }
    if snapshot.hosts.isEmpty { return "No host is there." }
    let hosts = snapshot.hosts.map(\.record)
    let isDraining = hosts.contains { $0.drain != nil }
    let rolls = hosts.compactMap(\.roll).filter { !$0.phase.isEnd }
    switch self {
    case .drain, .audit, .broadcast, .kick: return nil
    case .undrain: return isDraining ? nil : "Nothing is being drained."
    case .rebalance where snapshot.workers < 2: return "There is nothing to even out."
    case .roll, .upgrade, .reload, .rebalance:
      if isDraining { return "A drain is on." }
      return rolls.isEmpty ? nil : "A roll is on already."
    case .pause: return rolls.contains { !$0.isHeld } ? nil : noRoll(rolls, "It is held already.")
    case .proceed: return rolls.contains(where: \.isHeld) ? nil : noRoll(rolls, "It is not held.")
    case .takeBack:
      let stopped = hosts.compactMap(\.roll).contains {
        $0.phase == .stopped && $0.way == .forward && $0.done > 0 && $0.kind.canGoBack
      }
      return stopped || rolls.contains { $0.way == .forward } ? nil : noRoll(rolls, "It goes back already.")
    }
  }

  private func noRoll(_ rolls: [RollProgress], _ other: String) -> String {
    rolls.isEmpty ? "No roll is on." : other
  }

  /// Which of those with that key is meant now.
  static func of(_ key: Character, _ snapshot: Snapshot?) -> Action? {
    let actions = allCases.filter { $0.key == key }
    return actions.first { $0.obstacle(snapshot) == nil } ?? actions.first
  }
}
