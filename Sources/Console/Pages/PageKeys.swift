import TextUI

/// What a page's own keys do, declared once: the last line and the help follow from it.
struct PageKey: Equatable {
  let key: String
  let word: String
  let explanation: String

  init(_ key: String, _ word: String, _ explanation: String) {
    self.key = key
    self.word = word
    self.explanation = explanation
  }
}

extension View.Page {
  var keys: [PageKey] {
    switch self {
    case .overview: []
    case .workers: [PageKey("↑↓", "choose", "choose a worker: r then rolls only that one")]
    case .restart: []
    case .traffic:
      [
        PageKey("space", "hold", "hold the lines or follow them; so do ↑ ↓ page-up page-down home end"),
        PageKey("f", "kind", "only lines of one kind, or with what workers tell each other"),
        PageKey("h", "hall", "only what one hall hears"),
        PageKey("enter", "look", "the whole line"),
      ]
    case .sockets:
      [
        PageKey("/", "filter", "only those with a text in their row; esc ends it"),
        PageKey("s", "sort", "by the next column"), PageKey("o", "order", "the other way round"),
        PageKey("h", "hall", "only those of one hall"),
        PageKey("enter", "look", "groups, data and peer of the chosen one"),
      ]
    case .timeline:
      [
        PageKey("space", "hold", "hold the events or follow them"),
        PageKey("↑↓", "scrub", "to an event: the curves are as of then; end follows again"),
        PageKey("f", "kind", "only events of one kind"), PageKey("enter", "look", "all of an event"),
      ]
    case .tasks:
      [
        PageKey("f", "status", "only those of one status; failed are the dead letters"),
        PageKey("↑↓", "choose", "choose a task"), PageKey("enter", "look", "all of a task"),
      ]
    case .help: [PageKey("↑↓", "scroll", "further lines of this help")]
    }
  }

  /// On every page.
  static let everywhere = [
    PageKey("tab", "next page", "the next page; ← → go, too, and a click on its name"),
    PageKey("?", "help", "this page"), PageKey("q", "quit", "leave; the server is not touched"),
  ]
}
