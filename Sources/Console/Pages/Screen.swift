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
    view.dialog?.draw(on: &canvas, in: parts[1])
    return canvas
  }

  private static func page(_ view: View, on canvas: inout Canvas, in area: Rect) {
    if view.page == .help { return HelpPage.draw(on: &canvas, in: area) }
    guard let snapshot = view.snapshot else {
      return waiting(view, on: &canvas, in: area)
    }
    switch view.page {
    case .overview: OverviewPage.draw(view, snapshot, on: &canvas, in: area)
    case .workers: WorkersPage.draw(view, snapshot, on: &canvas, in: area)
    case .restart: RestartPage.draw(view, snapshot, on: &canvas, in: area)
    case .help: break
    }
  }

  private static func waiting(_ view: View, on canvas: inout Canvas, in area: Rect) {
    let text =
      view.redis == .up ? "Asking Redis…" : "Redis is \(view.redis.rawValue). Trying again until it is there."
    canvas.line(text, view.redis == .up ? .dim : .bad, in: area.row(area.height / 2), align: .center)
  }

  private static func head(_ view: View, on canvas: inout Canvas, in row: Rect) {
    var x = 1
    x += canvas.text("sluice", .title, x: x, y: row.y, in: row) + 1
    if let snapshot = view.snapshot {
      x += canvas.text(snapshot.namespace.text, .dim, x: x, y: row.y, in: row) + 2
    }
    for page in View.Page.allCases {
      let style: Style = page == view.page ? .selected : .dim
      x += canvas.text(" \(page.key) \(page.title) ", style, x: x, y: row.y, in: row) + 1
    }
    let (text, style) = state(view)
    canvas.line(text, style, in: Rect(row.x, row.y, row.width - 1, 1), align: .right)
  }

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
    var hints = actions.map { (key: String($0.key), word: $0.word) }
    hints += [("tab", "next page"), ("?", "help"), ("q", "quit")]
    KeyHints(hints).draw(on: &canvas, in: row)
  }
}

enum HelpPage {
  static func draw(on canvas: inout Canvas, in area: Rect) {
    var lines: [(String, String)] = View.Page.allCases.map { (String($0.key), "the \($0.title) page") }
    lines += Action.allCases.map { (String($0.key), "\($0.word): \($0.explanation)") }
    lines += [
      ("tab", "the next page"), ("↑ ↓", "select a worker: r then rolls only that one"),
      ("q", "leave; the server is not touched"),
    ]
    canvas.line("Keys", .heading, in: area.inset(1).row(0))
    for (index, line) in lines.enumerated() {
      let row = area.inset(1).row(index + 2)
      canvas.text(line.0, .key, x: row.x, y: row.y, in: row)
      canvas.text(line.1, x: row.x + 6, y: row.y, in: row)
    }
    let more = area.inset(1).row(lines.count + 3)
    canvas.line("Everything here is a subcommand, too: wsconsole --help", .dim, in: more)
  }
}
