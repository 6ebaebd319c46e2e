import FleetState
import TextUI

/// Everything a page may show: a value, so that a page is a function of it and of the size.
struct View: Equatable {
  enum Page: Int, CaseIterable, Equatable {
    case overview, workers, restart, help

    var title: String {
      switch self {
      case .overview: "overview"
      case .workers: "workers"
      case .restart: "restart"
      case .help: "help"
      }
    }

    var key: Character {
      switch self {
      case .overview: "1"
      case .workers: "2"
      case .restart: "3"
      case .help: "?"
      }
    }
  }

  struct Line: Equatable {
    var time: UInt64
    var event: FleetEvent
  }

  /// The end of a drain, which outlives its host.
  struct Ended: Equatable {
    var host: Name
    var time: UInt64
    var ledger: Ledger
  }

  var page = Page.overview
  var snapshot: Snapshot?
  var history = History()
  /// Newest last.
  var events: [Line] = []
  var redis = RedisHealth.down
  /// Unix time in milliseconds; when the snapshot was new, and now.
  var now: Int64 = 0
  var ended: Ended?
  var selected = 0
  var dialog: Dialog?
  /// The last word about a command.
  var message = ""
  var messageStyle = Style.normal

  private static let mostEvents = 500

  mutating func add(_ event: FleetEvent, at id: EntryID) {
    events.append(Line(time: id.milliseconds, event: event))
    if events.count > Self.mostEvents { events.removeFirst() }
    if event.kind == .drain, let ledger = event.details["ledger"].flatMap({ Ledger($0) }) {
      ended = Ended(host: event.host, time: id.milliseconds, ledger: ledger)
    }
    // The next life begins with a clean page.
    if event.kind == .started { ended = nil }
  }

  /// What is shown is older than this and no longer believed.
  var isStale: Bool { snapshot.map { now - $0.time > 3000 } ?? true }
}
