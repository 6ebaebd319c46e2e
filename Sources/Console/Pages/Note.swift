import FleetState
import TextUI

/// The line above a list: what is shown of it on the left, how it stands on the right.
enum Note {
  static func draw(
    _ left: String, _ right: String, _ style: Style = .dim, _ view: View, on canvas: inout Canvas,
    in row: Rect
  ) {
    let away = away(view)
    let state = away ?? right
    let width = min(displayWidth(state), row.width)
    canvas.line(state, away == nil ? style : .bad, in: row, align: .right)
    canvas.line(left, .dim, in: Rect(row.x, row.y, row.width - width - 2, row.height))
  }

  /// Only that what is shown is of another time, where it is.
  static func draw(_ view: View, on canvas: inout Canvas, in row: Rect) {
    if let away = away(view) { canvas.line(away, .bad, in: row, align: .right) }
  }

  private static func away(_ view: View) -> String? {
    if view.redis == .up { return nil }
    let then = view.snapshot.map { "at \(Clock.time(UInt64(clamping: $0.time)))" } ?? "then"
    return "Redis \(view.redis.words): as it was \(then)"
  }

  static func held(_ missed: Int) -> String {
    missed == 0 ? "held" : "held, \(Words.grouped(missed)) more since"
  }
}
