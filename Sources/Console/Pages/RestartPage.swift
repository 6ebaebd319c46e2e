import FleetState
import TextUI

/// Drains and rolls: how far they have come, what became of the sockets, and the latest events.
enum RestartPage {
  static func draw(_ view: View, _ snapshot: Snapshot, on canvas: inout Canvas, in area: Rect) {
    let room = Rect(area.x + 2, area.y + 1, area.width - 4, area.height - 1)
    Note.draw(view, on: &canvas, in: Rect(room.x, area.y, room.width, 1))
    var y = 0
    for host in snapshot.hosts {
      let rest = below(y, in: room)
      // A host has half of what is left, so that the next one and the events are seen, too.
      let part = Rect(rest.x, rest.y, rest.width, max(rest.height / 2, min(rest.height, 6)))
      if part.height < 6 { break }
      y += self.draw(host, view, on: &canvas, in: part)
    }
    if y == 0 {
      y =
        view.ended.map { DrainPanel.drawEnd($0, on: &canvas, in: room) }
        ?? calm(snapshot, on: &canvas, in: room)
    }
    EventLines.draw(view, on: &canvas, in: below(y, in: room))
  }

  /// How many rows that took, with the blank one behind it.
  private static func draw(
    _ host: Snapshot.Host, _ view: View, on canvas: inout Canvas, in room: Rect
  ) -> Int {
    // Redis may go with its server: what the last event said is newer than the last record.
    if let drain = host.record.drain, drain.phase != .serving, view.ended?.host != host.record.id {
      return DrainPanel.draw(host, drain, on: &canvas, in: room) + 1
    }
    if let roll = host.record.roll, !roll.phase.isEnd {
      return RollPanel.draw(host, roll, on: &canvas, in: room) + 1
    }
    return 0
  }

  private static func calm(_ snapshot: Snapshot, on canvas: inout Canvas, in room: Rect) -> Int {
    if snapshot.hosts.isEmpty {
      canvas.line("No host is serving.", .warning, in: room.row(0))
      return 2
    }
    let sockets = Words.grouped(snapshot.sockets.total)
    canvas.line("Nothing is being drained or rolled. \(sockets) sockets are open.", in: room.row(0))
    let keys = [Action.roll, .drain].map { "\($0.key) begins a \($0.word)" }.joined(separator: ", ")
    canvas.line("\(keys), after a question.", .dim, in: room.row(1))
    var y = 3
    for host in snapshot.hosts.prefix(max(0, room.height - 6)) {
      guard let roll = host.record.roll else { continue }
      RollPanel.last(host, roll, on: &canvas, in: room.row(y))
      y += 1
    }
    return y == 3 ? y : y + 1
  }

  private static func below(_ y: Int, in room: Rect) -> Rect {
    Rect(room.x, room.y + y, room.width, room.height - y)
  }
}
