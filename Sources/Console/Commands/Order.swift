import CommandLine
import FleetState

/// What a script was called to do to the fleet: an action and whom it is for.
struct Order {
  let action: Action
  let target: ControlCommand.Target
  let hosts: [Name]
  let preset: DrainPreset?
  let waits: Bool

  struct Impossible: Error {
    let reason: String
  }

  /// `nil` for a subcommand that only looks.
  static func action(_ command: String, _ settings: Settings) throws(UsageError) -> Action? {
    guard let action = Action.allCases.first(where: { $0.form == .command && $0.word == command }) else {
      return nil
    }
    let chosen = Action.allCases.filter { $0.form == .flag(of: command) && settings[Options.flag($0)] }
    if chosen.count > 1 {
      throw UsageError("--\(chosen[0].word) and --\(chosen[1].word) are two commands: give one of them")
    }
    if let flag = chosen.first, settings.isSet(Options.worker) {
      throw UsageError("--\(flag.word) is for the whole roll: leave out --worker")
    }
    return chosen.first ?? action
  }

  init(_ action: Action, _ settings: Settings, _ snapshot: Snapshot) throws(Impossible) {
    self.action = action
    let ids = snapshot.hosts.map(\.record.id)
    let chosen = settings[Options.host]
    let hosts = ids.filter { chosen.isEmpty || $0.text == chosen }
    if hosts.isEmpty {
      throw Impossible(reason: chosen.isEmpty ? "no host is there" : "there is no host \(chosen)")
    }
    self.hosts = hosts
    if let slot = Int(settings[Options.worker]) {
      guard hosts.count == 1 else { throw Impossible(reason: "worker \(slot) of which host? Say --host") }
      target = .worker(hosts[0], slot: slot)
    } else {
      target = chosen.isEmpty ? .all : .host(hosts[0])
    }
    preset = action == .drain ? DrainPreset(settings[Options.preset]) : nil
    waits = settings[Options.wait] || action == .audit
  }
}
