import FleetState
import TextUI

/// Something an operator can do to the fleet, declared once: its key, its words, its danger, its command. Help,
/// confirmation and subcommand follow from it.
enum Action: CaseIterable {
  case drain
  case undrain

  var key: Character {
    switch self {
    case .drain: "d"
    case .undrain: "u"
    }
  }

  var verb: ControlCommand.Verb {
    switch self {
    case .drain: .drain
    case .undrain: .undrain
    }
  }

  var word: String { verb.rawValue }

  var explanation: String {
    switch self {
    case .drain: "ask every client to leave, then end the server"
    case .undrain: "take a drain back: the server goes on"
    }
  }

  /// Why it makes no sense now; nil when it does.
  func obstacle(_ snapshot: Snapshot?) -> String? {
    guard let snapshot, !snapshot.hosts.isEmpty else { return "No host is there." }
    let isDraining = snapshot.hosts.contains { $0.record.drain != nil }
    switch self {
    case .drain: return nil
    case .undrain: return isDraining ? nil : "Nothing is being drained."
    }
  }

  /// What will happen, to how many.
  func question(_ snapshot: Snapshot, preset: DrainPreset) -> Dialog {
    let hosts = snapshot.hosts.count == 1 ? "1 host" : "\(snapshot.hosts.count) hosts"
    let sockets = Words.grouped(snapshot.sockets.total)
    switch self {
    case .drain:
      let plan = preset.plan
      let seconds = { (time: Duration) in Words.duration(seconds: Int(time.components.seconds)) }
      return Dialog(
        "Drain \(hosts)?",
        [
          "\(sockets) sockets will go, then the server ends.",
          "\(preset.text): \(seconds(plan.wait)) to leave, \(seconds(plan.pace)) paced, \(seconds(plan.force)) to force.",
        ], choices: [("y", "drain"), ("p", "another preset"), ("esc", "no")], .warning)
    case .undrain:
      return Dialog(
        "Take the drain back?", ["\(sockets) sockets stay on \(hosts), and new ones may come."],
        choices: [("y", "undrain"), ("esc", "no")])
    }
  }
}
