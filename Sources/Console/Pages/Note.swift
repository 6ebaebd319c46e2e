import FleetState
import TextUI

/// The line above a list: what is shown of it on the left, how it stands on the right.
enum Note {
  static func draw(
    _ left: String, _ right: String, _ style: Style = .dim, _ view: View, on canvas: inout Canvas,
    in row: Rect
  ) {
    let isAway = view.redis != .up
    let state = isAway ? "Redis is \(view.redis.rawValue): as it was then" : right
    let width = min(displayWidth(state), row.width)
    canvas.line(state, isAway ? .bad : style, in: row, align: .right)
    canvas.line(left, .dim, in: Rect(row.x, row.y, row.width - width - 2, row.height))
  }

  static func held(_ missed: Int) -> String {
    missed == 0 ? "held" : "held, \(Words.grouped(missed)) more since"
  }
}
