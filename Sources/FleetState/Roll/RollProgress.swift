import Bytes

package enum RollPhase: String, CaseIterable, Sendable {
  case preparing, handover, proving
  /// Between two workers: one that crashed has to serve again first.
  case waiting
  case paused
  case stopped, done, takenback

  package var isEnd: Bool {
    switch self {
    case .preparing, .handover, .proving, .waiting, .paused: false
    case .stopped, .done, .takenback: true
    }
  }
}

/// How far a roll has come, as the host's record and the events of its steps tell it. The end of the last one stays.
package struct RollProgress: Equatable, Sendable {
  package var kind: RollKind
  package var phase: RollPhase
  package var way = RollWay.forward
  /// The one being replaced, or next; at the end the only one, or nil.
  package var slot: Int?
  /// How many workers are where the roll goes, of how many.
  package var done = 0
  package var of: Int
  /// Open on these workers when it began.
  package var sockets = 0
  package var handed = 0
  package var longestFreezeMicros = 0
  package var latest: Handover?
  /// Time in steps, without pauses.
  package var spent = Duration.zero
  /// Why it stopped, or who paused it: known from the order on, though the worker in work is brought to its end first.
  package var reason = ""

  package init(_ kind: RollKind, _ phase: RollPhase, of workers: Int) {
    self.kind = kind
    self.phase = phase
    of = workers
  }

  init(_ course: RollCourse, _ phase: RollPhase, slot: Int?) {
    self.init(course.kind, phase, of: course.slots.count)
    self.slot = course.slots.count == 1 ? course.slots[0] : slot
    way = course.way
    done = course.done
    sockets = course.sockets
    handed = course.handed
    longestFreezeMicros = course.longestFreezeMicros
    latest = course.latest
    spent = course.spent
  }

  package var isHeld: Bool { phase == .paused || (!phase.isEnd && !reason.isEmpty) }

  // MARK: Its slots

  package enum SlotState: Equatable, Sendable {
    /// As before the roll.
    case old
    case inWork
    case replaced
  }

  /// What has become of a slot: forward in ascending order, back in descending order, so that those below the one in
  /// work are replaced and those above it are not.
  package func state(of slot: Int) -> SlotState {
    let isInWork = slot == self.slot
    switch phase {
    case .preparing, .handover, .proving: if isInWork { return .inWork }
    case .waiting, .paused, .stopped: if isInWork { return way == .back && done < of ? .replaced : .old }
    case .done: return isInWork || of > 1 ? .replaced : .old
    case .takenback: return .old
    }
    guard let here = self.slot, of > 1 else { return .old }
    return slot < here ? .replaced : .old
  }

  // MARK: Its text

  /// `kind=roll phase=proving way=forward slot=2 done=1 of=4 … reason=…`. The reason is the rest of the line.
  package var text: String {
    var words = ["kind=\(kind.rawValue)", "phase=\(phase.rawValue)", "way=\(way.rawValue)"]
    if let slot { words.append("slot=\(slot)") }
    words += ["done=\(done)", "of=\(of)", "sockets=\(sockets)", "handed=\(handed)"]
    words += ["freeze=\(longestFreezeMicros)", "spent=\(spent.wholeMilliseconds)"]
    if let latest { words += ["latest=\(latest.sockets)", "froze=\(latest.freezeMicros)"] }
    if !reason.isEmpty { words.append("reason=\(printable(reason, limit: Self.longestReason))") }
    return words.joined(separator: " ")
  }

  /// `nil` for anything that cannot be: more done than there is, a slot no host has. Unknown words are a newer build's.
  package init?(_ text: String) {
    var fields: [Substring: Substring] = [:]
    var rest = text.prefix(Self.longestText)[...]
    while !rest.isEmpty, fields.count < Self.mostFields {
      if rest.hasPrefix("reason=") {
        fields["reason"] = rest.dropFirst("reason=".count)
        break
      }
      let word = rest.prefix { $0 != " " }
      let parts = word.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { return nil }
      fields[parts[0]] = parts[1]
      rest = rest.dropFirst(word.count + 1)
    }
    guard let kind = fields["kind"].flatMap({ RollKind(rawValue: String($0)) }),
      let phase = fields["phase"].flatMap({ RollPhase(rawValue: String($0)) }),
      let way = fields["way"].flatMap({ RollWay(rawValue: String($0)) }),
      let of = Self.count(fields["of"], 1...Self.mostSlots), let done = Self.count(fields["done"], 0...of),
      let sockets = Self.count(fields["sockets"]), let handed = Self.count(fields["handed"]),
      let freeze = Self.count(fields["freeze"]),
      let spent = Self.count(fields["spent"], 0...Self.longestSpent)
    else { return nil }
    self.init(kind, phase, of: of)
    self.way = way
    self.done = done
    self.sockets = sockets
    self.handed = handed
    longestFreezeMicros = freeze
    self.spent = .milliseconds(spent)
    if let word = fields["slot"] {
      guard let slot = Self.count(word, 0...(Self.mostSlots - 1)) else { return nil }
      self.slot = slot
    }
    if let latest = Self.count(fields["latest"]), let froze = Self.count(fields["froze"]) {
      self.latest = Handover(sockets: latest, freezeMicros: froze)
    }
    reason = printable(fields["reason"] ?? "", limit: Self.longestReason)
  }

  private static func count(_ word: Substring?, _ allowed: ClosedRange<Int> = 0...Int.max) -> Int? {
    word.flatMap { Int($0) }.flatMap { allowed.contains($0) ? $0 : nil }
  }

  private static let mostSlots = 1024
  private static let mostFields = 24
  private static let longestText = 1024
  private static let longestReason = 160
  /// A month.
  private static let longestSpent = 31 * 86_400 * 1000
}
