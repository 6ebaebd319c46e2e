import FleetState
import TextUI

/// What has happened in the fleet, newest last, and which of it is to be seen.
struct Chronicle: Equatable, Sendable {
  struct Line: Equatable, Sendable {
    var time: UInt64
    var event: FleetEvent
  }

  enum Sieve: CaseIterable, Equatable, Sendable {
    case everything, lives, restarts, commands, surroundings, load

    var word: String {
      switch self {
      case .everything: "everything"
      case .lives: "starts, stops and crashes"
      case .restarts: "drains and rolls"
      case .commands: "commands and their answers"
      case .surroundings: "Redis and settings"
      case .load: "load tests"
      }
    }

    func passes(_ kind: FleetEvent.Kind) -> Bool {
      if self == .everything { return true }
      switch kind {
      case .started, .stopped, .crashed, .hung, .resumed: return self == .lives
      case .drain, .handover, .rolled, .upgraded, .rebalanced: return self == .restarts
      case .command, .audited: return self == .commands
      case .redis, .config: return self == .surroundings
      case .load: return self == .load
      }
    }
  }

  private(set) var lines = Scrollback<Line>(most: 1000)
  private(set) var sieve = Sieve.everything

  mutating func add(_ line: Line) { lines.add(line) }

  /// All of them, whatever is filtered and held.
  var all: [Line] { lines.lines }
  var shown: [Line] { lines.shown { sieve.passes($0.event.kind) } }

  /// The moment that is looked at; nil for now.
  var moment: UInt64? {
    let shown = self.shown
    return lines.selected(of: shown.count).map { shown[$0].time }
  }

  /// True when the key meant something here.
  mutating func take(_ key: Key, height: Int) -> Bool {
    if key == .character("f") {
      let place = Sieve.allCases.firstIndex(of: sieve) ?? 0
      sieve = Sieve.allCases[(place + 1) % Sieve.allCases.count]
      lines.rewind()
      return true
    }
    return lines.take(key, of: shown.count, height: height)
  }

  /// The selected event, or the newest.
  var inspection: Inspection? {
    let shown = self.shown
    guard let line = lines.selected(of: shown.count).map({ shown[$0] }) ?? shown.last else { return nil }
    let event = line.event
    var facts = [("when", Clock.time(line.time) + " UTC"), ("host", event.host.text)]
    if let slot = event.slot { facts.append(("worker", "\(slot)")) }
    facts.append(("text", event.text))
    switch event.answer {
    case .done: facts.append(("answer", "done"))
    case .refused(let reason): facts.append(("answer", "refused: \(reason)"))
    case nil: break
    }
    if let command = event.command { facts.append(("command", command.text)) }
    facts += event.details.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    return Inspection("event \(event.kind.rawValue)", facts.map { (name: $0.0, value: $0.1) })
  }
}
