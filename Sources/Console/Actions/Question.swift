import FleetState
import TextUI

/// What an action says before it is carried out: what will happen, to how many.
extension Action {
  /// Nil for what needs no question.
  func question(_ reach: Reach, preset: DrainPreset) -> Dialog? {
    let (title, lines) = sentences(reach, preset)
    switch danger {
    case .none: return nil
    case .moves: return Dialog(title, lines, choices: [("y", word), ("esc", "no")])
    case .drops:
      let more = self == .drain ? [(key: "p", word: "another preset")] : []
      return Dialog(title, lines, choices: [("y", word)] + more + [("esc", "no")], .warning)
    }
  }

  private func sentences(_ reach: Reach, _ preset: DrainPreset) -> (title: String, lines: [String]) {
    let handed = "\(reach.extent) \(reach.sockets == 1 ? "is" : "are") handed over, nobody is dropped."
    let forecast = reach.forecast.map { [$0] } ?? []
    switch self {
    case .drain:
      let sockets = Reach.count(reach.sockets, "socket")
      let end = reach.hosts.count == 1 ? "the server ends" : "the servers end"
      return ("Drain \(reach.name)?", ["\(sockets) will go, then \(end).", Self.plan(preset)])
    case .undrain:
      let sockets = Reach.count(reach.sockets, "socket")
      return ("Take the drain back?", ["\(sockets) stay on \(reach.name), and new ones may come."])
    case .roll:
      return ("Roll \(reach.name)?", [handed, "Fresh processes, one after another."] + forecast)
    case .upgrade:
      return ("Upgrade \(reach.name)?", [handed, "Workers of the new binary, one after another."] + forecast)
    case .reload:
      let what = "Workers with the settings read anew, one after another."
      return ("Reload \(reach.name)?", [handed, what] + forecast)
    case .takeBack:
      let rolls = reach.hosts.compactMap(\.record.roll).filter { $0.way == .forward && $0.phase != .done }
      let replaced = Reach.count(rolls.reduce(0) { $0 + $1.done }, "worker")
      if !rolls.contains(where: \.kind.canGoBack) {
        return (
          "End the roll here?",
          ["\(replaced) replaced so far, the others stay.", "Only a reload has something to go back to."]
        )
      }
      return (
        "Take the roll back?",
        [
          "\(replaced) replaced so far \(replaced.hasPrefix("1 ") ? "is" : "are") replaced by what was before.",
          "The sockets are handed over once more, nobody is dropped.",
        ]
      )
    case .rebalance:
      return (
        "Even out \(reach.name)?",
        ["\(reach.extent): some of them are handed over to workers with fewer, nobody is dropped."]
      )
    case .pause, .proceed, .audit, .broadcast, .kick: return (explanation, [])
    }
  }

  private static func plan(_ preset: DrainPreset) -> String {
    let seconds = { (time: Duration) in Words.duration(seconds: Int(time.components.seconds)) }
    let plan = preset.plan
    return
      "\(preset.text): \(seconds(plan.wait)) to leave, \(seconds(plan.pace)) paced, \(seconds(plan.force)) to force."
  }
}
