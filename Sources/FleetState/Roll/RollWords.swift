/// One sentence for each step of a roll: the log, the timeline and `wsconsole roll --wait` say the same.
extension RollProgress {
  package var sentence: String {
    switch phase {
    case .preparing: return "\(worker): a successor gets ready (\(done) of \(of) \(state))"
    case .handover: return "\(worker): the successor may take over"
    case .proving:
      guard let latest else { return "\(worker): taken over" }
      return
        "\(worker): \(counted(latest.sockets, "socket")) handed over in \(Duration.microseconds(latest.freezeMicros).words)"
    case .waiting: return "waiting before \(worker) until a crashed worker serves again"
    case .paused: return "paused before \(worker)" + (reason.isEmpty ? "" : " by \(reason)")
    case .stopped:
      return
        "stopped: \(reason.isEmpty ? "no reason given" : reason) (\(done) of \(of) \(state), the others untouched)"
    case .done: return "done: \(counted(of, "worker")) replaced, \(summary)"
    case .takenback: return "taken back: every worker is as before, \(summary)"
    }
  }

  private var worker: String { slot.map { "worker \($0)" } ?? "a worker" }

  private var state: String { way == .forward ? "replaced" : "as before" }

  private var summary: String {
    "\(counted(handed, "socket")) handed over, longest freeze \(Duration.microseconds(longestFreezeMicros).words), in \(spent.words)"
  }
}

/// `1 socket`, `5 sockets`
package func counted(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

extension Roll.Refusal {
  /// The reason of a refused command.
  package var reason: String {
    switch self {
    case .alreadyRolling: "a roll is on already: pause it or take it back"
    case .nobodyToReplace: "there is no worker to replace"
    case .nothingRolls: "no roll is on"
    case .alreadyPaused: "it is paused already"
    case .notPaused: "it is not paused"
    case .alreadyGoingBack: "it is being taken back already"
    }
  }
}
