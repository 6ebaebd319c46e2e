import CommandLine
import EventLoop
import FleetState
import JSONText

/// The subcommands that change something: sends the command, prints the answers, and waits for the end if asked to.
///
/// In: events and records as they come. Out: text, and an exit code when it is over.
final class Telling {
  private let loop: EventLoop
  private let commander: Commander
  private let settings: Settings
  private let action: Action
  private let end: (Int32) -> Void
  private var events: [View.Line] = []
  private var following: Following?
  private var code = ExitCode.good

  /// A rebalance or an audit says something within this time, or never will. A roll may take as long as it likes.
  private static let patience = Duration.seconds(60)

  init(
    _ loop: EventLoop, commander: Commander, settings: Settings, action: Action,
    end: @escaping (Int32) -> Void
  ) {
    self.loop = loop
    self.commander = commander
    self.settings = settings
    self.action = action
    self.end = end
  }

  var isWaiting: Bool { following != nil }

  func begin(_ snapshot: Snapshot) {
    let order: Order
    do throws(Order.Impossible) { order = try Order(action, settings, snapshot) } catch {
      return fail(error.reason, ExitCode.failed)
    }
    commander.send(
      action.verb, to: order.target, hosts: order.hosts, preset: order.preset,
      arguments: settings[Options.fix] ? ["fix": "true"] : [:],
      done: { [unowned self] in answered($0, waits: order.waits) },
      failed: { [unowned self] in fail($0, ExitCode.unreachable) })
  }

  private func fail(_ reason: String, _ code: Int32) {
    Output.write("wsconsole: \(action.word): \(reason)\n", to: 2)
    end(code)
  }

  // MARK: What comes

  func hear(_ line: View.Line) {
    commander.heard(line.event)
    events.append(line)
    guard let lines = following?.hear(line.event) else { return }
    show(lines)
  }

  func see(_ snapshot: Snapshot) {
    guard let lines = following?.see(snapshot) else { return }
    show(lines)
  }

  /// Nothing more will come.
  func giveUp(_ reason: String) {
    guard let lines = following?.giveUp(reason) else { return }
    show(lines)
  }

  // MARK: Answers

  private func answered(_ answers: Commander.Answers, waits: Bool) {
    let isRefused = answers.given.contains { $0.answer != .done }
    if isRefused {
      code = ExitCode.failed
    } else if !answers.silent.isEmpty {
      code = ExitCode.unreachable
    }
    let begun = answers.given.filter { $0.answer == .done }.map(\.host)
    guard waits, let goal = action.goal, !begun.isEmpty else {
      say(settings[Options.json] ? json(answers) : text(answers))
      return end(code)
    }
    var others = answers
    others.given.removeAll { $0.answer == .done }
    if !settings[Options.json] { say(text(others)) }
    follow(goal, answers, begun)
  }

  private func follow(_ goal: Following.Goal, _ answers: Commander.Answers, _ hosts: [Name]) {
    var following = Following(goal, command: answers.command, hosts: hosts)
    // What was told between the command and its answers.
    let early = events.filter { $0.time >= answers.since }.flatMap { following.hear($0.event) }
    self.following = following
    switch goal {
    case .rebalanced, .audited:
      loop.after(Self.patience) { [weak self] in self?.giveUp("no report within 60 s") }
    case .drained, .rolled: break
    }
    show(early)
  }

  private func show(_ lines: [String]) {
    guard let following else { return }
    if !settings[Options.json] { say(lines.map { $0 + "\n" }.joined()) }
    guard following.isOver else { return }
    self.following = nil
    if settings[Options.json] { say(following.json) }
    switch following.result {
    case .good: break
    case .failed: code = ExitCode.failed
    case .unreachable: if code == ExitCode.good { code = ExitCode.unreachable }
    }
    end(code)
  }

  private func text(_ answers: Commander.Answers) -> String {
    var lines = answers.given.map { host, answer in
      switch answer {
      case .done: "\(host): \(action.word) accepted"
      case .refused(let reason): "\(host): refused, \(reason)"
      }
    }
    lines += answers.silent.map { "\($0): no answer" }
    return lines.map { $0 + "\n" }.joined()
  }

  private func json(_ answers: Commander.Answers) -> String {
    var writer = JSONWriter(style: .pretty)
    writer.beginObject()
    writer.member("command", action.word)
    writer.array("answers") { list in
      for (host, answer) in answers.given {
        list.beginObject()
        list.member("host", host.text)
        switch answer {
        case .done: list.member("answer", "done")
        case .refused(let reason):
          list.member("answer", "refused")
          list.member("reason", reason)
        }
        list.endObject()
      }
      for host in answers.silent {
        list.beginObject()
        list.member("host", host.text)
        list.member("answer", "none")
        list.endObject()
      }
    }
    writer.endObject()
    return writer.text + "\n"
  }

  private func say(_ text: String) { Output.write(text, to: 1) }
}
