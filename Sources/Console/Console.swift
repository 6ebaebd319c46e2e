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
  private let person: Operator
  private var view = View()
  private var isDrawingPlanned = false
  private var signals: Signals?
  private var keys: KeySource?

  init(_ loop: EventLoop, feed: Feed, terminal: Terminal) {
    self.loop = loop
    self.feed = feed
    self.terminal = terminal
    person = Operator(Commander(loop, redis: feed.redis, keys: feed.keys))
  }

  func run() throws(SystemError) {
    signals = try Signals(loop, [SIGINT, SIGTERM, SIGWINCH, SIGPIPE]) { [unowned self] in signal($0) }
    keys = try KeySource(loop) { [unowned self] in takeKeys() }
    feed.onSnapshot = { [unowned self] in
      view.snapshot = $0
      person.renew($0)
      changed()
    }
    feed.onEvent = { [unowned self] id, event in
      view.add(event, at: id)
      person.hear(event)
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
    person.onChange = { [unowned self] in
      view.dialog = person.dialog
      view.message = person.message
      view.messageStyle = person.messageStyle
      changed()
    }
    person.onSent = { [unowned self] in if $0.isOffered(on: .restart) { view.page = .restart } }
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
    if view.dialog != nil { return person.answer(key, view.snapshot) }
    switch key {
    case .character("q"): loop.stop()
    case .character(let character):
      if let page = View.Page.allCases.first(where: { $0.key == character }) {
        view.page = page
      } else if let action = Action.of(character, view.snapshot) {
        person.ask(action, view.target(of: action), view.snapshot)
      }
    case .tab, .right: turn(by: 1)
    case .backTab, .left: turn(by: -1)
    case .down, .mouse(_, _, .wheelDown): view.selected += 1
    case .up, .mouse(_, _, .wheelUp): view.selected = max(0, view.selected - 1)
    case .escape: person.dismiss()
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
