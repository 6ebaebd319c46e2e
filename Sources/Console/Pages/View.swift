import FleetState
import TextUI

/// Everything a page may show: a value, so that a page is a function of it and of the size.
struct View: Equatable {
  enum Page: Int, CaseIterable, Equatable {
    case overview, workers, restart, traffic, sockets, timeline, tasks, help

    var title: String {
      switch self {
      case .overview: "overview"
      case .workers: "workers"
      case .restart: "restart"
      case .traffic: "traffic"
      case .sockets: "sockets"
      case .timeline: "timeline"
      case .tasks: "tasks"
      case .help: "help"
      }
    }

    var key: Character {
      switch self {
      case .overview: "1"
      case .workers: "2"
      case .restart: "3"
      case .traffic: "4"
      case .sockets: "5"
      case .timeline: "6"
      case .tasks: "7"
      case .help: "?"
      }
    }
  }

  typealias Line = Chronicle.Line

  /// The end of a drain, which outlives its host.
  struct Ended: Equatable {
    var host: Name
    var time: UInt64
    var ledger: Ledger
  }

  /// The curves up to a moment before `history` begins.
  struct Past: Equatable {
    var moment: UInt64
    var history: History
  }

  var page = Page.overview
  var snapshot: Snapshot?
  var history = History()
  var past: Past?
  var chronicle = Chronicle()
  var traffic = BusBook()
  var sockets = SocketBook()
  var tasks = TaskBook()
  var redis = RedisHealth.down
  /// Unix time in milliseconds; when the snapshot was new, and now.
  var now: Int64 = 0
  var ended: Ended?
  /// Hosts that were there and have gone without a word, and when they were last seen.
  var lost: [Name: Int64] = [:]
  private static let mostLost = 32
  /// No key changes anything.
  var onlyLooks = false
  /// The chosen worker.
  var selected = 0
  /// The first line of the help that is seen.
  var helpTop = 0
  /// What is looked at closely, over the page.
  var inspection: Inspection?
  /// A broadcast that is being written.
  var composer: Composer?
  var dialog: Dialog?
  /// The last word about a command.
  var message = ""
  var messageStyle = Style.normal

  mutating func see(_ next: Snapshot) {
    let there = Set(next.hosts.map(\.record.id))
    for host in snapshot?.hosts ?? [] where !there.contains(host.record.id) {
      lost[host.record.id] = snapshot?.time
    }
    lost = lost.filter { !there.contains($0.key) }
    while lost.count > Self.mostLost, let oldest = lost.min(by: { $0.value < $1.value }) {
      lost[oldest.key] = nil
    }
    snapshot = next
  }

  mutating func add(_ event: FleetEvent, at id: EntryID) {
    chronicle.add(Line(time: id.milliseconds, event: event))
    if event.kind == .drain, let ledger = event.details["ledger"].flatMap({ Ledger($0) }) {
      ended = Ended(host: event.host, time: id.milliseconds, ledger: ledger)
    }
    if event.kind == .stopped { end(event.host, at: id) }
    // The next life begins with a clean page.
    if event.kind == .started { ended = nil }
  }

  /// Redis may go with its server: what a host said at its end is newer than its last record.
  private mutating func end(_ host: Name, at id: EntryID) {
    lost[host] = nil
    snapshot?.hosts.removeAll {
      $0.record.id == host && $0.record.started <= Int64(clamping: id.milliseconds)
    }
  }

  /// The moment whose curves have to be asked for.
  var momentWanted: UInt64? {
    guard page == .timeline, let moment = chronicle.moment, past?.moment != moment else { return nil }
    return history.seconds(asOf: moment).isEmpty ? moment : nil
  }

  /// What is shown is older than this and no longer believed.
  var isStale: Bool { snapshot.map { now - $0.time > 3000 } ?? true }
}
