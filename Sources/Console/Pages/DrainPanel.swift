import FleetState
import TextUI

/// How far a drain has come, and what became of everybody who was there when it began. Each part returns how many
/// rows it took.
enum DrainPanel {
  static func draw(
    _ host: Snapshot.Host, _ drain: DrainProgress, on canvas: inout Canvas, in room: Rect
  ) -> Int {
    let title = room.row(0)
    canvas.text("\(host.record.id)  \(drain.phase.rawValue)", .heading, x: title.x, y: title.y, in: title)
    let left = Words.duration(seconds: Int(clamping: drain.remaining.components.seconds))
    canvas.line("\(drain.preset?.text ?? "-"), \(left) left", .warning, in: title, align: .right)
    let bar = room.row(1)
    let parts = bar.columns(.share(1), .fixed(28))
    Gauge(drain.fraction).draw(on: &canvas, in: parts[0])
    let count = "\(Words.grouped(drain.open)) of \(Words.grouped(drain.total)) open"
    canvas.line(count, in: parts[1], align: .right)
    ledger(drain.ledger, on: &canvas, in: room, from: 3)
    return 5
  }

  static func drawEnd(_ end: View.Ended, on canvas: inout Canvas, in room: Rect) -> Int {
    canvas.line("\(end.host)  drained", .heading, in: room.row(0))
    ledger(end.ledger, on: &canvas, in: room, from: 2)
    return 5
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
    let start = (text: "start \(Words.grouped(ledger.start))", style: Style.normal)
    let buckets = parts.map { (text: "\($0.0.rawValue) \(Words.grouped(ledger[$0.0]))", style: $0.1) }
    canvas.phrases([start] + buckets, in: room.row(y + 1))
  }
}
