/// Why workers are replaced.
package enum RollKind: String, CaseIterable, Sendable {
  /// The same binary, the same settings: fresh processes.
  case roll
  /// The supervisor runs a new binary.
  case upgrade
  /// New settings.
  case reload

  /// What was before is still at hand: the settings, not the program.
  package var canGoBack: Bool { self == .reload }
}

/// What a successor is made of.
package enum RollWay: String, CaseIterable, Sendable {
  /// What the roll is for: the new binary, the new settings.
  case forward
  /// What was before it: the roll is being taken back.
  case back
}

package enum RollOutcome: Equatable, Sendable {
  case done
  /// Each worker is again what it was before.
  case takenBack
  /// Those replaced so far stay so, the others were not touched.
  case stopped(reason: String)
}

/// One takeover: how many sockets, and how long they were held still.
package struct Handover: Equatable, Sendable {
  package var sockets: Int
  package var freezeMicros: Int

  package init(sockets: Int, freezeMicros: Int) {
    self.sockets = max(0, sockets)
    self.freezeMicros = max(0, freezeMicros)
  }
}

/// What a roll is about and how far it has come: which slots are replaced, which is next, who has to be waited for.
struct RollCourse: Equatable {
  let kind: RollKind
  /// In their order: forward from the first, back from the last replaced.
  let slots: [Int]
  let sockets: Int
  /// What was before is still at hand.
  let canGoBack: Bool
  var way = RollWay.forward
  private(set) var replaced: [Int] = []
  private(set) var handed = 0
  private(set) var longestFreezeMicros = 0
  private(set) var latest: Handover?
  /// Time in steps: neither pauses nor waiting for the crashed.
  private(set) var spent = Duration.zero
  /// Who paused it.
  var pausedBy: String?
  var crashesLeft: Int
  /// Workers that crashed and do not serve again yet, with the time by which they have to.
  private(set) var missing: [Int: Duration] = [:]

  init(kind: RollKind, slots: [Int], sockets: Int, canGoBack: Bool, patience: Int) {
    self.kind = kind
    self.slots = slots
    self.sockets = sockets
    self.canGoBack = canGoBack
    crashesLeft = patience
  }

  var next: Int? {
    switch way {
    case .forward: slots.first { !replaced.contains($0) }
    case .back: replaced.last
    }
  }

  /// How many have come where the roll goes.
  var done: Int {
    switch way {
    case .forward: replaced.count
    case .back: slots.count - replaced.count
    }
  }

  /// Its worker is a successor of this roll already.
  func runsNew(_ slot: Int) -> Bool { replaced.contains(slot) }

  mutating func settle(_ slot: Int) {
    switch way {
    case .forward: replaced.append(slot)
    case .back: replaced.removeAll { $0 == slot }
    }
  }

  mutating func count(_ handover: Handover) {
    handed = saturatingSum(handed, handover.sockets)
    longestFreezeMicros = max(longestFreezeMicros, handover.freezeMicros)
    latest = handover
  }

  mutating func spend(_ time: Duration) { spent += max(time, .zero) }

  mutating func miss(_ slot: Int, until: Duration) { missing[slot] = until }

  /// True if somebody waited for it.
  mutating func greet(_ slot: Int) -> Bool { missing.removeValue(forKey: slot) != nil }

  func overdue(at now: Duration) -> Int? { missing.keys.sorted().first { now >= missing[$0, default: now] } }
}
