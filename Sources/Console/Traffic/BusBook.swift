import Bytes
import FleetState
import TextUI

/// What goes over the bus: the latest of it, how much, and which of it is to be seen.
struct BusBook: Equatable, Sendable {
  /// Which kinds are shown.
  enum Sieve: Equatable, Sendable {
    /// All but what workers tell each other.
    case said
    case only(BusLine.Kind)
    case everything

    static let all: [Sieve] = [.said] + BusLine.Kind.allCases.map { .only($0) } + [.everything]

    var word: String {
      switch self {
      case .said: "all that is said"
      case .only(let kind): kind.rawValue
      case .everything: "everything"
      }
    }

    func passes(_ kind: BusLine.Kind) -> Bool {
      switch self {
      case .said: kind != .fleet
      case .only(let one): kind == one
      case .everything: true
      }
    }
  }

  private(set) var lines = Scrollback<BusLine>(most: 2000)
  private(set) var rhythm = Rhythm()
  private(set) var sieve = Sieve.said
  /// Nil for all.
  private(set) var hall: Hall?
  /// The last entry there is a line of.
  private var last = EntryID.zero

  mutating func add(_ line: BusLine) {
    guard line.id > last else { return }
    last = line.id
    lines.add(line)
    rhythm.add(at: line.id.milliseconds / 1000, bytes: line.size)
  }

  /// Redis has forgotten the bus, or is another one: its ids begin anew.
  mutating func begin() { last = .zero }

  var shown: [BusLine] { lines.shown(matches) }

  private func matches(_ line: BusLine) -> Bool {
    sieve.passes(line.kind) && (hall.map { line.halls.contains($0) } ?? true)
  }

  /// True when the key meant something here.
  mutating func take(_ key: Key, height: Int) -> Bool {
    if key == .character("f") {
      let place = Sieve.all.firstIndex(of: sieve) ?? 0
      sieve = Sieve.all[(place + 1) % Sieve.all.count]
      lines.rewind()
      return true
    }
    if key == .character("h") {
      hall = hall.next
      lines.rewind()
      return true
    }
    return lines.take(key, of: shown.count, height: height)
  }

  /// The selected line, or the newest.
  var inspection: Inspection? {
    let shown = self.shown
    guard let line = lines.selected(of: shown.count).map({ shown[$0] }) ?? shown.last else { return nil }
    return Inspection(
      "\(line.kind.rawValue) \(line.id)",
      [
        ("when", Clock.time(line.id.milliseconds)), ("from", line.from), ("to", line.to),
        ("size", Words.bytes(Double(line.size))), ("text", line.text),
      ])
  }
}

extension Hall? {
  /// All of them, then one after another.
  var next: Hall? {
    guard let hall = self else { return .ws }
    return Hall(rawValue: hall.rawValue + 1)
  }
}
