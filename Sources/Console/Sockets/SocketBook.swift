import FleetState
import TextUI

/// The fleet's open sockets as they were last read: sorted, filtered, one of them chosen.
struct SocketBook: Equatable, Sendable {
  typealias Line = SocketLine

  enum Column: Int, CaseIterable, Sendable {
    case open, socket, hall, client, peer

    var title: String {
      switch self {
      case .open: "open"
      case .socket: "socket"
      case .hall: "hall"
      case .client: "client"
      case .peer: "peer"
      }
    }

    /// Nil where the two are alike.
    fileprivate func isFirst(_ a: Line, _ b: Line) -> Bool? {
      switch self {
      case .open: Self.order(a.socket.since, b.socket.since)
      case .socket: Self.order((a.host.text, a.slot, a.connection), (b.host.text, b.slot, b.connection))
      case .hall: Self.order(a.socket.hall.rawValue, b.socket.hall.rawValue)
      // Those without a name come last.
      case .client:
        Self.order(
          (a.socket.client == nil ? 1 : 0, a.socket.client?.text ?? "", 0),
          (b.socket.client == nil ? 1 : 0, b.socket.client?.text ?? "", 0))
      case .peer: Self.order(a.socket.peer, b.socket.peer)
      }
    }

    private static func order<T: Comparable>(_ a: T, _ b: T) -> Bool? { a == b ? nil : a < b }

    private static func order<A: Comparable, B: Comparable, C: Comparable>(
      _ a: (A, B, C), _ b: (A, B, C)
    ) -> Bool? { a == b ? nil : a < b }
  }

  private struct ID: Equatable, Sendable {
    let host: Name
    let slot: Int
    let connection: UInt64
  }

  /// How many are kept; of more only the oldest are, and the filter is then asked of all.
  static let most = 10_000
  private static let longestFilter = 64

  private var lines: [Line] = []
  /// What Redis was asked for when it gave them.
  private var asked = SocketFilter()
  /// Those of `lines` that are to be seen, in order.
  private(set) var shown: [Line] = []
  /// How many Redis lists that pass what it was asked for.
  private(set) var total = 0
  private(set) var hasBeenRead = false
  private(set) var problem: String?
  private(set) var sort = Column.open
  private(set) var isReversed = false
  private(set) var hall: Hall?
  private(set) var field = TextField(limit: Self.longestFilter)
  private(set) var isTyping = false
  private var selection = Selection<ID>()

  var row: Int { selection.row }
  var selected: Line? { shown.indices.contains(row) ? shown[row] : nil }
  var filter: SocketFilter { SocketFilter(hall: hall, text: field.text) }
  /// There are more than are kept: what is sought may not be among them.
  var isCut: Bool { total > lines.count }
  /// What Redis is to be asked for next.
  private(set) var wanted = SocketFilter()

  // MARK: Taking

  mutating func take(_ found: OpenSockets, of asked: SocketFilter) {
    lines = found.oldest
    total = found.total
    self.asked = asked
    hasBeenRead = true
    problem = nil
    rearrange()
  }

  mutating func fail(_ reason: String) { problem = reason }

  private mutating func arrange() {
    let filter = self.filter
    shown = filter.isEmpty ? lines : lines.filter(filter.matches)
    shown.sort { a, b in
      let isFirst = sort.isFirst(a, b) ?? Column.socket.isFirst(a, b)
      return isFirst.map { $0 != isReversed } ?? false
    }
    let names = shown
    selection.renew(
      names.count, { id in names.firstIndex { Self.id($0) == id } }, at: { Self.id(names[$0]) })
  }

  private static func id(_ line: Line) -> ID {
    ID(host: line.host, slot: line.slot, connection: line.connection)
  }

  mutating func choose(_ row: Int) {
    let names = shown
    selection.choose(row, of: names.count) { Self.id(names[$0]) }
  }

  // MARK: Keys

  /// True when the key meant something here.
  mutating func take(_ key: Key, height: Int) -> Bool {
    if isTyping { return type(key) }
    if let row = selection.target(of: key, count: shown.count, height: height) {
      choose(row)
      return true
    }
    if key == .escape, !field.isEmpty {
      field = TextField(limit: Self.longestFilter)
      rearrange()
      return true
    }
    guard case .character(let character) = key else { return false }
    switch character {
    case "/": isTyping = true
    case "s":
      sort = Column(rawValue: (sort.rawValue + 1) % Column.allCases.count) ?? .open
      isReversed = false
    case "o": isReversed.toggle()
    case "h": hall = hall.next
    default: return false
    }
    rearrange()
    return true
  }

  private mutating func type(_ key: Key) -> Bool {
    if key == .enter || key == .escape {
      isTyping = false
      if key == .escape { field = TextField(limit: Self.longestFilter) }
      rearrange()
      return true
    }
    if field.take(key) {
      rearrange()
      return true
    }
    guard let row = selection.target(of: key, count: shown.count, height: 2) else { return false }
    choose(row)
    return true
  }

  private mutating func rearrange() {
    // As long as all fit, all are asked for, and the filter is only how they are looked at.
    wanted = isCut || !asked.isEmpty ? filter : SocketFilter()
    arrange()
  }
}
