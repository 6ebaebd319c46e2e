import FleetState
import TextUI

/// The whole screen: a head, a page, a foot, and perhaps a question over it.
enum Screen {
  static let least = Size(60, 16)

  static func draw(_ view: View, size: Size, isASCII: Bool = false) -> Canvas {
    var canvas = Canvas(size, isASCII: isASCII)
    guard size.width >= least.width, size.height >= least.height else {
      drawTooSmall(on: &canvas, needed: least)
      return canvas
    }
    let parts = canvas.bounds.rows(.fixed(1), .share(1), .fixed(1), .fixed(1))
    head(view, on: &canvas, in: parts[0])
    page(view, on: &canvas, in: parts[1])
    canvas.line(view.message, view.messageStyle, in: Rect(1, parts[2].y, size.width - 2, 1))
    foot(view, on: &canvas, in: Rect(1, parts[3].y, size.width - 2, 1))
    view.inspection?.draw(on: &canvas, in: parts[1])
    view.composer?.draw(
      Intent.audience(view.composer?.halls ?? [], view.snapshot), on: &canvas, in: parts[1])
    view.dialog?.draw(on: &canvas, in: parts[1])
    return canvas
  }

  /// Where the page is on a screen of that size.
  static func pageArea(_ size: Size) -> Rect { Rect(0, 1, size.width, size.height - 3) }

  private static func page(_ view: View, on canvas: inout Canvas, in area: Rect) {
    if view.page == .help { return HelpPage.draw(view, on: &canvas, in: area) }
    guard let snapshot = view.snapshot else {
      return waiting(view, on: &canvas, in: area)
    }
    switch view.page {
    case .overview: OverviewPage.draw(view, snapshot, on: &canvas, in: area)
    case .workers: WorkersPage.draw(view, snapshot, on: &canvas, in: area)
    case .restart: RestartPage.draw(view, snapshot, on: &canvas, in: area)
    case .traffic: TrafficPage.draw(view, on: &canvas, in: area)
    case .sockets: SocketsPage.draw(view, snapshot, on: &canvas, in: area)
    case .timeline: TimelinePage.draw(view, on: &canvas, in: area)
    case .tasks: TasksPage.draw(view, snapshot, on: &canvas, in: area)
    case .help: break
    }
  }

  private static func waiting(_ view: View, on canvas: inout Canvas, in area: Rect) {
    let text =
      view.redis == .up ? "Asking Redis…" : "Redis \(view.redis.words). Trying again until it is well."
    canvas.line(text, view.redis == .up ? .dim : .bad, in: area.row(area.height / 2), align: .center)
  }

  private static func head(_ view: View, on canvas: inout Canvas, in row: Rect) {
    let (text, style) = state(view)
    if let fleet = fleet(view, width: row.width) {
      let x = 1 + canvas.text("sluice", .title, x: 1, y: row.y, in: row) + 1
      canvas.text(fleet, .dim, x: x, y: row.y, in: row)
    }
    tabs(view, width: row.width).draw(view.page, on: &canvas, in: row)
    canvas.line(text, style, in: Rect(row.x, row.y, row.width - 1, 1), align: .right)
  }

  /// Where the pages' names stand, between the fleet's and how Redis is.
  static func tabs(_ view: View, width: Int) -> Tabs {
    let start = fleet(view, width: width).map { 8 + displayWidth($0) + 2 } ?? 1
    return Tabs(view.page, from: start, to: width - 2 - max(widestState, displayWidth(state(view).0)))
  }

  /// The fleet's name, where it does not cost the pages theirs.
  private static func fleet(_ view: View, width: Int) -> String? {
    width < 136 ? nil : Words.cut(view.snapshot?.namespace.text ?? "", width: 20)
  }

  /// Of a Redis that is well: `redis 123.4 ms`.
  private static let widestState = 14

  private static func state(_ view: View) -> (String, Style) {
    if view.redis != .up { return ("redis \(view.redis.rawValue)", .bad) }
    guard let snapshot = view.snapshot else { return ("redis up", .dim) }
    if view.isStale { return ("stale", .warning) }
    return ("redis \(Words.time(microseconds: Double(snapshot.redisMicros)))", .good)
  }

  private static func foot(_ view: View, on canvas: inout Canvas, in row: Rect) {
    let actions = Action.allCases.filter { action in
      action.isOffered(on: view.page) && (view.snapshot == nil || action.obstacle(view.snapshot) == nil)
    }
    var hints = view.page.keys.map { (key: $0.key, word: $0.word) }
    if !view.onlyLooks { hints += actions.map { (key: String($0.key), word: $0.word) } }
    // The way to the help is always seen.
    let always = View.Page.everywhere.map { (key: $0.key, word: $0.word) }
    let room = row.width - KeyHints(Array(always.dropFirst())).width - KeyHints.gap
    hints = KeyHints(hints + always.prefix(1)).fitting(room)
    KeyHints(hints + always.dropFirst()).draw(on: &canvas, in: row)
  }
}
