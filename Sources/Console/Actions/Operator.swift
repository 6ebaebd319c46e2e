import FleetState
import TextUI

/// What the one at the keys has been asked, and what became of what they wanted.
///
/// In: intents, keys while a question stands, the fleet's events. Out: a dialog, a last word, commands.
final class Operator {
  private enum Question {
    case none
    case sure(Intent)
    /// What an audit has found: it may be put right.
    case findings
  }

  private(set) var dialog: Dialog?
  /// The last word about a command.
  private(set) var message = ""
  private(set) var messageStyle = Style.normal
  var onChange: (() -> Void)?
  /// A command is on its way.
  var onSent: ((Action) -> Void)?

  private let commander: Commander
  private let courier: Courier
  /// Nothing may be changed from here.
  private let onlyLooks: Bool
  private var question = Question.none
  private var preset = DrainPreset.standard
  /// The audit whose reports are waited for, and those that came.
  private var audit: Name?
  private var reports: [Name: AuditReport] = [:]

  private static let presets: [DrainPreset] = [.standard, .swift, .patient, .now]
  private static let mostLines = 12

  init(_ commander: Commander, _ courier: Courier, onlyLooks: Bool) {
    self.commander = commander
    self.courier = courier
    self.onlyLooks = onlyLooks
  }

  // MARK: Questions

  /// False, with a word why, where the action makes no sense now.
  func mayBegin(_ action: Action, _ snapshot: Snapshot?) -> Bool {
    let obstacle = onlyLooks ? Self.looking : action.obstacle(snapshot)
    if let obstacle { say(obstacle, .warning) }
    return obstacle == nil
  }

  /// Nil for an action that lacks what it would be done to.
  func ask(_ intent: Intent?, _ action: Action, _ snapshot: Snapshot?) {
    guard mayBegin(action, snapshot), let snapshot else { return }
    guard let intent else {
      return say("\(action.word): choose a client on the sockets page first.", .warning)
    }
    guard let dialog = intent.question(snapshot, preset: preset) else { return carryOut(intent, snapshot) }
    question = .sure(intent)
    show(dialog)
  }

  private static let looking = "This console only looks: it was started with --read-only."

  /// A question that stands names what is true now.
  func renew(_ snapshot: Snapshot) {
    guard case .sure(let intent) = question else { return }
    show(intent.question(snapshot, preset: preset))
  }

  func answer(_ key: Key, _ snapshot: Snapshot?) {
    switch (key, question) {
    case (.character("y"), .sure(let intent)), (.character("Y"), .sure(let intent)):
      close()
      if let snapshot { carryOut(intent, snapshot) }
    case (.character("p"), .sure(.command(.drain, _))):
      let place = Self.presets.firstIndex(of: preset) ?? 0
      preset = Self.presets[(place + 1) % Self.presets.count]
      if let snapshot { renew(snapshot) }
    case (.character("f"), .findings):
      close()
      if let snapshot { send(.audit, .all, snapshot, arguments: ["fix": "true"]) }
    case (.escape, _), (.character("n"), _), (.character("q"), _): close()
    case (_, _): return
    }
  }

  func dismiss() { say("", .normal) }

  /// Why something cannot be done is true when it is said: the next key takes it away.
  func moveOn() { if messageStyle == .warning { dismiss() } }

  private func close() {
    question = .none
    show(nil)
  }

  private func show(_ dialog: Dialog?) {
    self.dialog = dialog
    onChange?()
  }

  private func say(_ text: String, _ style: Style) {
    message = text
    messageStyle = style
    onChange?()
  }

  // MARK: Commands

  private func carryOut(_ intent: Intent, _ snapshot: Snapshot) {
    switch intent {
    case .command(let action, let target): send(action, target, snapshot)
    case .broadcast(let text, let halls): broadcast(text, halls, Intent.reach(halls, snapshot))
    case .kick(let client, _): kick(client)
    }
    onSent?(intent.action)
  }

  private func broadcast(_ text: String, _ halls: Halls, _ reach: String) {
    say("broadcast: asked…", .dim)
    courier.broadcast(text, to: halls) { [unowned self] answer in
      switch answer {
      case .success(let id): say("broadcast: durable as \(id), for \(reach)", .good)
      case .failure(let error): say("broadcast: \(error)", .bad)
      }
    }
  }

  private func kick(_ client: ClientID) {
    say("kick: asked…", .dim)
    courier.kick(client) { [unowned self] answer in
      switch answer {
      case .success(let place?): say("kick: \(client) is told to go, on \(place)", .good)
      case .success(nil): say("kick: \(client) is not here", .warning)
      case .failure(let error): say("kick: \(error)", .bad)
      }
    }
  }

  private func send(
    _ action: Action, _ target: ControlCommand.Target, _ snapshot: Snapshot, arguments: [String: String] = [:]
  ) {
    say("\(action.word): asked…", .dim)
    let command = commander.send(
      action.verb, to: target, hosts: snapshot.hosts.map(\.record.id),
      preset: action == .drain ? preset : nil,
      arguments: arguments, done: { [unowned self] in report(action, $0) },
      failed: { [unowned self] in say("\(action.word): \($0)", .bad) })
    if action == .audit {
      audit = command
      reports = [:]
    }
  }

  private func report(_ action: Action, _ answers: Commander.Answers) {
    // The report of an audit may be here before its answer, and says more.
    if answers.command == audit, !reports.isEmpty { return }
    var words: [String] = []
    for (host, answer) in answers.given {
      switch answer {
      case .done: words.append("\(host) does it")
      case .refused(let reason): words.append("\(host) refuses: \(reason)")
      }
    }
    words += answers.silent.map { "\($0) does not answer" }
    let isGood = answers.silent.isEmpty && answers.given.allSatisfy { $0.answer == .done }
    say("\(action.word): " + words.joined(separator: "; "), isGood ? .good : .bad)
  }

  func hear(_ event: FleetEvent) {
    commander.heard(event)
    guard let audit, event.command == audit, let report = event.audit else { return }
    reports[event.host] = report
    let hosts = reports.sorted { $0.key < $1.key }
    if hosts.allSatisfy({ $0.value.isClean }) {
      return say("audit: " + hosts.map { "\($0.key): \($0.value.sentence)" }.joined(separator: "; "), .good)
    }
    // A question that stands is not pushed aside; the timeline has the sentence.
    if case .sure = question { return }
    question = .findings
    var lines = hosts.flatMap { ["\($0.key): \($0.value.sentence)"] + Following.lines($0.value) }
    if lines.count > Self.mostLines {
      lines = lines.prefix(Self.mostLines - 1) + ["and \(lines.count - Self.mostLines + 1) lines more"]
    }
    say("", .normal)
    show(Dialog("Audit", lines, choices: [("f", "fix"), ("esc", "leave it")], .warning))
  }
}
