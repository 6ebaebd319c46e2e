import FleetState
import TextUI

/// Events, one line each, newest at the bottom.
enum EventLines {
  /// The latest ones, as far as there is room.
  static func draw(_ view: View, on canvas: inout Canvas, in area: Rect) {
    draw(view.chronicle.all.suffix(area.height), selected: nil, on: &canvas, in: area)
  }

  /// `selected` is an index into the lines.
  static func draw(
    _ lines: some Collection<Chronicle.Line>, selected: Int?, on canvas: inout Canvas, in area: Rect
  ) {
    for (index, line) in lines.prefix(area.height).enumerated() {
      let row = area.row(index)
      let isSelected = index == selected
      if isSelected { canvas.fill(row, " ", .selected) }
      let (text, style) = words(line.event)
      var x = row.x
      for word in [Clock.time(line.time), line.event.host.text] {
        x += canvas.text(word, isSelected ? .selected : .dim, x: x, y: row.y, in: row) + 1
      }
      let rest = Rect(x, row.y, row.x + row.width - x, 1)
      canvas.line(text, isSelected ? .selected : style, in: rest)
    }
  }

  private static func words(_ event: FleetEvent) -> (String, Style) {
    switch event.answer {
    case .refused(let reason): return ("\(event.text): refused, \(reason)", .warning)
    case .done: return ("\(event.text): accepted", .accent)
    case nil: break
    }
    switch event.kind {
    case .crashed, .hung: return (event.text, .bad)
    case .drain: return ("drain \(event.text)", .accent)
    case .handover, .rolled, .upgraded: return (event.text, event.roll?.phase == .stopped ? .bad : .accent)
    case .started, .resumed: return (event.text, .good)
    case .stopped, .redis, .config, .command, .load, .rebalanced, .audited: return (event.text, .normal)
    }
  }
}
