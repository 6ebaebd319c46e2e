import FleetState
import TextUI

/// What the one at the keys has been asked, and what became of what they wanted.
///
/// In: actions, keys while a question stands, the fleet's events. Out: a dialog, a last word, commands.
final class Operator {
  private enum Question {
    case none
    case sure(Action, ControlCommand.Target)
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
  private var question = Question.none
  private var preset = DrainPreset.standard
  /// The audit whose reports are waited for, and those that came.
  private var audit: Name?
  private var reports: [Name: AuditReport] = [:]

  private static let presets: [DrainPreset] = [.standard, .swift, .patient, .now]
  private static let mostLines = 12

  init(_ commander: Commander) { self.commander = commander }

  // MARK: Questions

  func ask(_ action: Action, _ target: ControlCommand.Target, _ snapshot: Snapshot?) {
    if let obstacle = action.obstacle(snapshot) { return say(obstacle, .warning) }
    guard let snapshot else { return }
    guard let dialog = action.question(Reach(snapshot, target), preset: preset) else {
      return carryOut(action, target, snapshot)
    }
    question = .sure(action, target)
    show(dialog)
  }

  /// A question that stands names what is true now.
  func renew(_ snapshot: Snapshot) {
    guard case .sure(let action, let target) = question else { return }
    show(action.question(Reach(snapshot, target), preset: preset))
  }

  func answer(_ key: Key, _ snapshot: Snapshot?) {
    switch (key, question) {
    case (.character("y"), .sure(let action, let target)), (.character("Y"), .sure(let action, let target)):
      close()
      if let snapshot { carryOut(action, target, snapshot) }
    case (.character("p"), .sure(.drain, _)):
      let place = Self.presets.firstIndex(of: preset) ?? 0
      preset = Self.presets[(place + 1) % Self.presets.count]
      if let snapshot { renew(snapshot) }
    case (.character("f"), .findings):
      close()
      if let snapshot { carryOut(.audit, .all, snapshot, arguments: ["fix": "true"]) }
    case (.escape, _), (.character("n"), _), (.character("q"), _): close()
    case (_, _): return
    }
  }

  func dismiss() { say("", .normal) }

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

  private func carryOut(
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
    onSent?(action)
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
