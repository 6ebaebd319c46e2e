import FleetState
import TextUI

/// What goes over the bus: how much of it, and its lines as they come, newest at the bottom.
enum TrafficPage {
  struct Layout {
    let charts: Rect
    let note: Rect
    let list: Rect

    init(_ area: Rect) {
      let charts = min(8, max(4, area.height / 4))
      let parts = area.rows(.fixed(charts), .fixed(1), .share(1))
      self.charts = parts[0]
      note = Rect(1, parts[1].y, area.width - 2, parts[1].height)
      list = Rect(1, parts[2].y, area.width - 2, parts[2].height)
    }
  }

  private static let columns = [
    Table.Column("time", width: 8, .left, rank: 5), Table.Column("kind", width: 9, .left, rank: 8),
    Table.Column("from", width: 12, .left, rank: 7), Table.Column("to", width: 10, .left, rank: 6),
    Table.Column("size", width: 9, rank: 4),
    Table.Column("text", width: 24, .left, rank: 9, stretches: true),
  ]

  static func draw(_ view: View, on canvas: inout Canvas, in area: Rect) {
    let layout = Layout(area)
    let traffic = view.traffic
    charts(traffic, now: view.now, on: &canvas, in: layout.charts)
    let hall = traffic.hall.map { "hall \($0)" } ?? "every hall"
    let state = traffic.lines.isHeld ? Note.held(traffic.lines.missed) : "as it comes"
    Note.draw(
      "\(traffic.sieve.word), \(hall)", state, traffic.lines.isHeld ? .warning : .good, view, on: &canvas,
      in: layout.note)
    let lines = traffic.shown
    if lines.isEmpty { return canvas.line(emptiness(traffic), .dim, in: layout.list.row(1)) }
    let selected = traffic.lines.selected(of: lines.count)
    // The newest line is the last one in sight, unless another is chosen.
    let window = Table.window(
      of: lines.count, around: selected ?? lines.count - 1, height: layout.list.height)
    Table(columns, rows: lines[window].map(row), selected: selected.map { $0 - window.lowerBound })
      .draw(on: &canvas, in: layout.list)
  }

  private static func charts(_ traffic: BusBook, now: Int64, on canvas: inout Canvas, in area: Rect) {
    let (counts, bytes) = traffic.rhythm.series(before: UInt64(clamping: now / 1000))
    let cells = area.columns(.share(1), .share(1))
    let charts = [Chart("messages /s", counts), Chart("bytes /s", bytes, unit: .bytes)]
    for (chart, cell) in zip(charts, cells) {
      chart.draw(on: &canvas, in: Rect(cell.x + 1, cell.y, cell.width - 2, cell.height))
    }
  }

  private static func emptiness(_ traffic: BusBook) -> String {
    traffic.sieve == .said && traffic.hall == nil
      ? "Nothing has been said yet: w says something to every socket."
      : "Nothing of that kind: f and h choose."
  }

  private static func row(_ line: BusLine) -> [Table.Cell] {
    [
      Table.Cell(Clock.time(line.id.milliseconds), .dim),
      Table.Cell(line.kind.rawValue, style(of: line.kind)),
      Table.Cell(line.from), Table.Cell(line.to), Table.Cell(Words.bytes(Double(line.size)), .dim),
      Table.Cell(line.text),
    ]
  }

  private static func style(of kind: BusLine.Kind) -> Style {
    switch kind {
    case .broadcast: .warning
    case .hall, .direct, .group: .accent
    case .task, .presence: .good
    case .fleet: .dim
    case .unknown: .bad
    }
  }
}
