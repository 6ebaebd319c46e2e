import EventLoop
import FleetState
import Glibc
import Terminal
import TextUI

/// The screen: keys and what Redis tells come in, a view changes, a picture goes out.
final class Console {
  private let loop: EventLoop
  private let feed: Feed
  private let terminal: Terminal
  private let commander: Commander
  private var view = View()
  private var asked: Action?
  private var preset = DrainPreset.standard
  private var isDrawingPlanned = false
  private var signals: Signals?
  private var keys: KeySource?

  init(_ loop: EventLoop, feed: Feed, terminal: Terminal) {
    self.loop = loop
    self.feed = feed
    self.terminal = terminal
    commander = Commander(loop, redis: feed.redis, keys: feed.keys)
  }

  func run() throws(SystemError) {
    signals = try Signals(loop, [SIGINT, SIGTERM, SIGWINCH, SIGPIPE]) { [unowned self] in signal($0) }
    keys = try KeySource(loop) { [unowned self] in takeKeys() }
    feed.onSnapshot = { [unowned self] in
      view.snapshot = $0
      // A question that stands names what is true now.
      if let asked { view.dialog = asked.question($0, preset: preset) }
      changed()
    }
    feed.onEvent = { [unowned self] id, event in
      view.add(event, at: id)
      commander.heard(event)
      changed()
    }
    feed.onSample = { [unowned self] id, sample in
      view.history.add(sample, at: id)
      changed()
    }
    feed.onHealth = { [unowned self] in
      view.redis = $0
      changed()
    }
    feed.open()
    // Ages are shown, so time itself is a change.
    _ = loop.every(.seconds(1)) { [unowned self] in changed() }
    draw()
    try loop.run()
  }

  // MARK: Drawing

  /// Many changes of a moment are one picture.
  private func changed() {
    if isDrawingPlanned { return }
    isDrawingPlanned = true
    loop.after(.milliseconds(30)) { [unowned self] in
      isDrawingPlanned = false
      draw()
    }
  }

  private func draw() {
    view.now = WallClock.unixMilliseconds
    terminal.draw(Screen.draw(view, size: terminal.size, isASCII: terminal.isASCII))
  }

  private func signal(_ number: Int32) {
    switch number {
    case SIGWINCH:
      terminal.adoptSize()
      draw()
    case SIGINT, SIGTERM: loop.stop()
    default: return
    }
  }

  // MARK: Keys

  private func takeKeys() {
    while let key = terminal.nextKey() { take(key) }
    draw()
  }

  private func take(_ key: Key) {
    if let action = asked { return answer(key, to: action) }
    switch key {
    case .character("q"): loop.stop()
    case .character(let character):
      if let page = View.Page.allCases.first(where: { $0.key == character }) {
        view.page = page
      } else if let action = Action.allCases.first(where: { $0.key == character }) {
        ask(action)
      }
    case .tab, .right: turn(by: 1)
    case .backTab, .left: turn(by: -1)
    case .down, .mouse(_, _, .wheelDown): view.selected += 1
    case .up, .mouse(_, _, .wheelUp): view.selected = max(0, view.selected - 1)
    case .escape: view.message = ""
    case .resize, .pageUp, .pageDown, .home, .end, .enter, .backspace, .delete, .function,
      .mouse(_, _, .click):
      return
    }
    let workers = view.snapshot?.workers ?? 0
    view.selected = min(view.selected, max(0, workers - 1))
  }

  private func turn(by step: Int) {
    let count = View.Page.allCases.count
    view.page = View.Page.allCases[(view.page.rawValue + step + count) % count]
  }

  private func ask(_ action: Action) {
    guard let snapshot = view.snapshot, action.obstacle(snapshot) == nil else {
      return say(action.obstacle(view.snapshot) ?? "", .warning)
    }
    asked = action
    view.dialog = action.question(snapshot, preset: preset)
  }

  private func answer(_ key: Key, to action: Action) {
    switch key {
    case .character("y"), .character("Y"):
      close()
      carryOut(action)
    case .character("p") where action == .drain:
      let presets: [DrainPreset] = [.standard, .swift, .patient, .now]
      let place = presets.firstIndex(of: preset) ?? 0
      preset = presets[(place + 1) % presets.count]
      if let snapshot = view.snapshot { view.dialog = action.question(snapshot, preset: preset) }
    case .escape, .character("n"), .character("q"): close()
    default: return
    }
  }

  private func close() {
    asked = nil
    view.dialog = nil
  }

  private func carryOut(_ action: Action) {
    let hosts = view.snapshot?.hosts.map(\.record.id) ?? []
    say("\(action.word): asked…", .dim)
    if action == .drain { view.page = .drain }
    commander.send(
      action.verb, to: .all, hosts: hosts, preset: action == .drain ? preset : nil,
      done: { [unowned self] answers, silent in report(action, answers, silent) },
      failed: { [unowned self] in say("\(action.word): \($0)", .bad) })
  }

  private func report(
    _ action: Action, _ answers: [(host: Name, answer: FleetEvent.Answer)], _ silent: [Name]
  ) {
    var words: [String] = []
    for (host, answer) in answers {
      switch answer {
      case .done: words.append("\(host) does it")
      case .refused(let reason): words.append("\(host) refuses: \(reason)")
      }
    }
    words += silent.map { "\($0) does not answer" }
    let isGood = silent.isEmpty && answers.allSatisfy { $0.answer == .done }
    say("\(action.word): " + words.joined(separator: "; "), isGood ? .good : .bad)
  }

  private func say(_ text: String, _ style: Style) {
    view.message = text
    view.messageStyle = style
    changed()
  }
}

/// Standard input as a source of the loop.
private final class KeySource: EventSource {
  private let handler: () -> Void

  init(_ loop: EventLoop, handler: @escaping () -> Void) throws(SystemError) {
    self.handler = handler
    try loop.watch(Terminal.inputDescriptor, for: .readable, by: loop.add(self))
  }

  func ready(_ key: UInt32, _ readiness: Readiness) { handler() }
}
