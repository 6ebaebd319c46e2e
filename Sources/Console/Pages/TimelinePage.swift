import FleetState
import TextUI

/// What has happened, and how the fleet was doing then.
enum TimelinePage {
  struct Layout {
    let charts: Rect
    let note: Rect
    let list: Rect

    init(_ area: Rect) {
      let charts = min(10, max(4, area.height * 2 / 5))
      let parts = area.rows(.fixed(charts), .fixed(1), .share(1))
      self.charts = parts[0]
      note = Rect(1, parts[1].y, area.width - 2, parts[1].height)
      list = Rect(1, parts[2].y, area.width - 2, parts[2].height)
    }
  }

  static func draw(_ view: View, on canvas: inout Canvas, in area: Rect) {
    let layout = Layout(area)
    let chronicle = view.chronicle
    let moment = chronicle.moment
    charts(view, moment, on: &canvas, in: layout.charts)
    let then = moment.map { "as of \(Clock.time($0)), " + Note.held(chronicle.lines.missed) } ?? "as it comes"
    Note.draw(
      chronicle.sieve.word, then, moment == nil ? .good : .warning, view, on: &canvas, in: layout.note)
    let lines = chronicle.shown
    if lines.isEmpty {
      let isAll = chronicle.sieve == .everything
      let text = isAll ? "Nothing has happened yet." : "Nothing of that kind: f chooses."
      return canvas.line(text, .dim, in: layout.list.row(0))
    }
    let selected = chronicle.lines.selected(of: lines.count)
    let height = layout.list.height
    let first = max(0, min((selected ?? lines.count - 1) - height + 1, lines.count - height))
    EventLines.draw(
      lines[first...], selected: selected.map { $0 - first }, on: &canvas, in: layout.list)
  }

  private static func charts(
    _ view: View, _ moment: UInt64?, on canvas: inout Canvas, in area: Rect
  ) {
    guard let moment else { return FleetCharts.draw(view, on: &canvas, in: area) }
    var before = view.history.seconds(asOf: moment)
    if before.isEmpty, let past = view.past, past.moment == moment {
      before = past.history.seconds(asOf: moment)
    }
    if !before.isEmpty { return FleetCharts.draw(before, on: &canvas, in: area) }
    let time = Clock.time(moment)
    let text = view.momentWanted == nil ? "There are no curves of \(time)." : "Looking back to \(time)…"
    canvas.line(text, .dim, in: area.row(area.height / 2), align: .center)
  }
}
