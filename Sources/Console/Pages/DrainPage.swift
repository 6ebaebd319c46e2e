import FleetState
import TextUI

/// How far a drain has come, and what became of everybody who was there when it began.
enum DrainPage {
  static func draw(_ view: View, _ snapshot: Snapshot, on canvas: inout Canvas, in area: Rect) {
    let room = Rect(area.x + 2, area.y + 1, area.width - 4, area.height - 1)
    // Redis may go with its server: what the last event said is newer than the last record.
    let draining = snapshot.hosts.filter { host in
      host.record.drain != nil && host.record.drain?.phase != .serving && view.ended?.host != host.record.id
    }
    var y = 0
    for host in draining {
      guard let drain = host.record.drain, y + 5 < room.height else { break }
      y += progress(host, drain, on: &canvas, in: room, from: y) + 1
    }
    if draining.isEmpty {
      y += view.ended.map { ended($0, on: &canvas, in: room) } ?? calm(snapshot, on: &canvas, in: room)
    }
    let rest = Rect(room.x, room.y + y, room.width, room.height - y)
    Timeline.draw(view, on: &canvas, in: rest)
  }

  private static func progress(
    _ host: Snapshot.Host, _ drain: DrainProgress, on canvas: inout Canvas, in room: Rect, from y: Int
  ) -> Int {
    let title = room.row(y)
    canvas.text("\(host.record.id)  \(drain.phase.rawValue)", .heading, x: title.x, y: title.y, in: title)
    let left = Words.duration(seconds: Int(clamping: drain.remaining.components.seconds))
    canvas.line("\(drain.preset?.text ?? "-"), \(left) left", .warning, in: title, align: .right)
    let bar = room.row(y + 1)
    let parts = bar.columns(.share(1), .fixed(28))
    Gauge(drain.fraction).draw(on: &canvas, in: parts[0])
    let count = "\(Words.grouped(drain.open)) of \(Words.grouped(drain.total)) open"
    canvas.line(count, in: parts[1], align: .right)
    ledger(drain.ledger, on: &canvas, in: room, from: y + 3)
    return 5
  }

  private static func ended(_ end: View.Ended, on canvas: inout Canvas, in room: Rect) -> Int {
    canvas.line("\(end.host)  drained", .heading, in: room.row(0))
    ledger(end.ledger, on: &canvas, in: room, from: 2)
    return 5
  }

  private static func calm(_ snapshot: Snapshot, on canvas: inout Canvas, in room: Rect) -> Int {
    let sockets = Words.grouped(snapshot.sockets.total)
    canvas.line("Nothing is being drained. \(sockets) sockets are open.", in: room.row(0))
    canvas.line("d begins a drain, after a question.", .dim, in: room.row(1))
    return 3
  }

  /// Each socket of the start in exactly one bucket.
  private static func ledger(
    _ ledger: Ledger, on canvas: inout Canvas, in room: Rect, from y: Int
  ) {
    let parts: [(Ledger.Bucket, Style, Unicode.Scalar)] = [
      (.handed, .good, "h"), (.moved, .good, "m"), (.left, .accent, "l"), (.paced, .warning, "p"),
      (.forced, .bad, "f"), (.lost, .bad, "x"),
    ]
    var bars = parts.map { StackedBar.Part(ledger[$0.0], $0.1, sign: $0.2) }
    bars.append(StackedBar.Part(ledger.unsettled, .dim, sign: "."))
    StackedBar(bars).draw(on: &canvas, in: room.row(y))
    let row = room.row(y + 1)
    var x = row.x
    x += canvas.text("start \(Words.grouped(ledger.start))", x: x, y: row.y, in: row) + 2
    for (bucket, style, _) in parts {
      x +=
        canvas.text("\(bucket.rawValue) \(Words.grouped(ledger[bucket]))", style, x: x, y: row.y, in: row) + 2
    }
  }
}
