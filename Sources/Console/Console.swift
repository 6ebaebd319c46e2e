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
  private let lookout: Lookout
  private let closeUp: CloseUp
  private var view = View()
  private var isDrawingPlanned = false
  private var isLookingBack = false
  private var signals: Signals?
  private var keys: KeySource?

  init(_ loop: EventLoop, feed: Feed, terminal: Terminal, onlyLooks: Bool) {
    self.loop = loop
    self.feed = feed
    self.terminal = terminal
    let commander = Commander(loop, redis: feed.redis, keys: feed.keys)
    person = Operator(commander, Courier(feed.redis, keys: feed.keys), onlyLooks: onlyLooks)
    lookout = Lookout(loop, feed: feed)
    closeUp = CloseUp(feed.redis, keys: feed.keys)
    view.onlyLooks = onlyLooks
  }

  func run() throws(SystemError) {
    signals = try Signals(loop, [SIGINT, SIGTERM, SIGWINCH, SIGPIPE]) { [unowned self] in signal($0) }
    keys = try KeySource(loop) { [unowned self] in takeKeys() }
    feed.onSnapshot = { [unowned self] in
      view.see($0)
      view.tasks.see($0)
      person.renew($0)
      lookout.look(view)
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
    person.onSent = { [unowned self] action in
      if action == .broadcast { view.composer = nil }
      if action.isOffered(on: .restart) { view.page = .restart }
    }
    listen()
    feed.open()
    // Ages are shown, so time itself is a change.
    _ = loop.every(.seconds(1)) { [unowned self] in changed() }
    draw()
    try loop.run()
  }

  /// To what is asked for only while it is looked at.
  private func listen() {
    lookout.onLine = { [unowned self] in view.traffic.add($0) }
    lookout.onBusBegins = { [unowned self] in view.traffic.begin() }
    lookout.onSockets = { [unowned self] answer, filter in
      switch answer {
      case .success(let found): view.sockets.take(found, of: filter)
      case .failure(let error): view.sockets.fail("\(error)")
      }
    }
    lookout.onTasks = { [unowned self] answer, status in
      switch answer {
      case .success(let (count, records)): view.tasks.take(count, records, of: status)
      case .failure(let error): view.tasks.fail("\(error)")
      }
    }
    lookout.onChange = { [unowned self] in
      lookout.look(view)
      changed()
    }
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
    lookout.look(view)
    lookBack()
    draw()
  }

  /// Whoever is nearest is asked first: a question, what is being written, the page, and then the screen itself.
  private func take(_ key: Key) {
    if view.dialog != nil { return person.answer(key, view.snapshot) }
    if view.composer != nil { return compose(key) }
    person.moveOn()
    switch view.steer(key, size: terminal.size) {
    case .done: return
    case .inspect(let line): return look(at: line)
    case .inspectTask(let task): return look(at: task)
    case .not: break
    }
    switch key {
    case .character("q"): loop.stop()
    case .character(let character):
      if let page = View.Page.allCases.first(where: { $0.key == character }) {
        turn(to: page)
      } else if let action = Action.of(character, view.snapshot) {
        begin(action)
      }
    case .tab, .right: turn(by: 1)
    case .backTab, .left: turn(by: -1)
    case .escape: person.dismiss()
    case .up, .down, .resize, .pageUp, .pageDown, .home, .end, .enter, .backspace, .delete, .function, .paste,
      .mouse:
      return
    }
  }

  private func begin(_ action: Action) {
    if action != .broadcast { return person.ask(view.intent(of: action), action, view.snapshot) }
    guard person.mayBegin(action, view.snapshot) else { return }
    person.dismiss()
    view.composer = Composer()
  }

  private func compose(_ key: Key) {
    switch view.composer?.take(key) {
    case .given(let text, let halls): person.ask(.broadcast(text, halls), .broadcast, view.snapshot)
    case .dropped: view.composer = nil
    case .writing, nil: return
    }
  }

  // MARK: A closer look

  private func look(at line: SocketLine) {
    let first = Inspection.of(line, now: WallClock.unixMilliseconds)
    view.inspection = first
    guard let client = line.socket.client else { return }
    closeUp.client(client) { [unowned self] fields in
      // Another one may be looked at by now, or none.
      guard view.inspection == first else { return }
      view.inspection = .of(line, record: fields, now: WallClock.unixMilliseconds)
      changed()
    }
  }

  private func look(at task: TaskRecord) {
    closeUp.task(task.id) { [unowned self] fields in
      guard view.page == .tasks, view.tasks.selected?.id == task.id else { return }
      view.inspection = .of(TaskRecord(task.id, fields) ?? task, payload: fields.raw("payload"))
      changed()
    }
  }

  /// To curves from before the console was opened, one moment after another.
  private func lookBack() {
    guard let moment = view.momentWanted, !isLookingBack else { return }
    isLookingBack = true
    closeUp.history(upTo: moment + min(1999, .max - moment)) { [unowned self] history in
      isLookingBack = false
      guard let history else { return }
      view.past = View.Past(moment: moment, history: history)
      lookBack()
      changed()
    }
  }

  // MARK: Pages

  private func turn(to page: View.Page) {
    view.inspection = nil
    view.page = page
  }

  private func turn(by step: Int) {
    let count = View.Page.allCases.count
    turn(to: View.Page.allCases[(view.page.rawValue + step + count) % count])
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
