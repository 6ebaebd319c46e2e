import FleetState
import TextUI

/// An action and what it is done to or with: all that a question about it, and its doing, need.
enum Intent: Equatable {
  case command(Action, ControlCommand.Target)
  case broadcast(String, Halls)
  case kick(ClientID, at: String)

  var action: Action {
    switch self {
    case .command(let action, _): action
    case .broadcast: .broadcast
    case .kick: .kick
    }
  }

  /// Nil for what needs no question.
  func question(_ snapshot: Snapshot, preset: DrainPreset) -> Dialog? {
    switch self {
    case .command(let action, let target):
      return action.question(Reach(snapshot, target), preset: preset)
    case .broadcast(let text, let halls):
      return Dialog(
        "Broadcast?",
        ["\(Self.reach(halls, snapshot)) will hear:", Words.cut(text, width: Self.widest)],
        choices: [("y", action.word), ("esc", "not yet")])
    case .kick(let client, let place):
      return Dialog(
        "Kick \(client)?",
        [
          "1 socket is closed, on \(place).", "Groups and data stay, and the client may come again.",
        ], choices: [("y", action.word), ("esc", "no")], .warning)
    }
  }

  /// `4,999 sockets in all halls will hear it`
  static func audience(_ halls: Halls, _ snapshot: Snapshot?) -> String {
    halls.isEmpty ? "No hall is chosen: nobody will hear it" : "\(reach(halls, snapshot)) will hear it"
  }

  /// `4,999 sockets in all halls`
  static func reach(_ halls: Halls, _ snapshot: Snapshot?) -> String {
    let sockets = snapshot.map { snapshot in
      let here = snapshot.sockets
      return Hall.allCases.filter { halls.contains($0) }.reduce(0) { saturatingSum($0, here[$1]) }
    }
    let place = halls == .all ? "all halls" : halls.list.replacing(",", with: ", ")
    return "\(Reach.count(sockets ?? 0, "socket")) in \(place)"
  }

  private static let widest = 240
}

extension View {
  /// On the workers' page an action that can be for one worker is for the selected one.
  func target(of action: Action) -> ControlCommand.Target {
    let workers = snapshot?.hosts.flatMap(\.workers) ?? []
    guard action.takesWorker, page == .workers, workers.indices.contains(selected) else { return .all }
    return .worker(workers[selected].host, slot: workers[selected].slot)
  }

  /// What a key means here; nil where it lacks what it would be done to.
  func intent(of action: Action) -> Intent? {
    switch action {
    case .kick:
      guard page == .sockets, let line = sockets.selected, let client = line.socket.client else { return nil }
      return .kick(client, at: "\(line.host)/\(line.slot)")
    // Its words come from the composer.
    case .broadcast: return nil
    case .drain, .undrain, .roll, .upgrade, .reload, .pause, .proceed, .takeBack, .rebalance, .audit:
      return .command(action, target(of: action))
    }
  }
}
