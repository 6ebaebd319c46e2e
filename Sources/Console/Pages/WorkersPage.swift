import FleetState
import TextUI

/// Every worker of every host, one line each.
enum WorkersPage {
  private static let columns = [
    Table.Column("worker", width: 14, .left, rank: 9, stretches: true),
    Table.Column("pid", width: 7, rank: 4),
    Table.Column("gen", width: 3, rank: 2), Table.Column("state", width: 8, .left, rank: 8),
    Table.Column("sockets", width: 8, rank: 9), Table.Column("in", width: 6, rank: 6),
    Table.Column("out", width: 6, rank: 6), Table.Column("delivered", width: 9, rank: 5),
    Table.Column("lag", width: 8, rank: 7), Table.Column("memory", width: 9, rank: 5),
    Table.Column("slow", width: 5, rank: 3), Table.Column("errors", width: 6, rank: 3),
  ]

  static func draw(_ view: View, _ snapshot: Snapshot, on canvas: inout Canvas, in area: Rect) {
    let rows = snapshot.hosts.flatMap { host in host.workers.map(row) }
    let room = Rect(area.x + 1, area.y + 1, area.width - 2, area.height - 2)
    Note.draw(view, on: &canvas, in: Rect(room.x, area.y, room.width, 1))
    if rows.isEmpty { return canvas.line("No worker is there.", .warning, in: room.row(0)) }
    Table(columns, rows: rows, selected: min(view.selected, rows.count - 1)).draw(on: &canvas, in: room)
  }

  private static func row(_ worker: WorkerRecord) -> [Table.Cell] {
    let errors = worker.errors.values.reduce(0, saturatingSum)
    return [
      Table.Cell("\(worker.host)/\(worker.slot)"), Table.Cell("\(worker.pid)", .dim),
      Table.Cell("\(worker.generation)", worker.generation > 1 ? .warning : .dim),
      Table.Cell(worker.state.rawValue, style(of: worker.state)),
      Table.Cell(Words.grouped(worker.sockets.total)),
      Table.Cell(Words.short(Double(worker.traffic.messagesIn))),
      Table.Cell(Words.short(Double(worker.traffic.messagesOut))),
      Table.Cell(Words.short(Double(worker.traffic.deliveries))),
      Table.Cell(
        Words.time(microseconds: Double(worker.lagMaxMicros)),
        worker.lagMaxMicros > 100_000 ? .warning : .normal),
      Table.Cell(Words.bytes(Double(worker.memoryBytes))),
      Table.Cell("\(worker.slowConsumers)", worker.slowConsumers == 0 ? .dim : .warning),
      Table.Cell("\(errors)", errors == 0 ? .dim : .warning),
    ]
  }

  private static func style(of state: WorkerRecord.State) -> Style {
    switch state {
    case .serving: .good
    case .draining, .starting: .warning
    case .stopped, .backoff: .bad
    }
  }
}
