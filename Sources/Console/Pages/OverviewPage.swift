import FleetState
import TextUI

/// The fleet at a glance: four curves, the hosts, the latest events.
enum OverviewPage {
  static func draw(_ view: View, _ snapshot: Snapshot, on canvas: inout Canvas, in area: Rect) {
    let charts = min(10, max(6, area.height / 2))
    let hosts = min(max(2, snapshot.hosts.count + 1), max(2, area.height / 4))
    let parts = area.rows(.fixed(charts), .fixed(1), .fixed(hosts), .fixed(1), .share(1))
    self.charts(view, snapshot, on: &canvas, in: parts[0])
    self.hosts(view, snapshot, on: &canvas, in: Rect(1, parts[2].y, area.width - 2, parts[2].height))
    Timeline.draw(view, on: &canvas, in: Rect(1, parts[4].y, area.width - 2, parts[4].height))
  }

  private static func charts(_ view: View, _ snapshot: Snapshot, on canvas: inout Canvas, in area: Rect) {
    let history = view.history
    let charts = [
      Chart("sockets", history.series(\.sockets)),
      Chart("messages in /s", history.series(\.messagesIn)),
      Chart("deliveries /s", history.series(\.deliveries)),
      Chart("loop lag", history.series(\.lagMicros), .warning, unit: .microseconds),
    ]
    let rows = area.rows(.share(1), .share(1))
    for (index, chart) in charts.enumerated() {
      let cells = rows[index / 2].columns(.share(1), .share(1))
      let cell = cells[index % 2]
      chart.draw(on: &canvas, in: Rect(cell.x + 1, cell.y, cell.width - 2, cell.height))
    }
  }

  private static func hosts(_ view: View, _ snapshot: Snapshot, on canvas: inout Canvas, in area: Rect) {
    if snapshot.hosts.isEmpty {
      let ended = view.ended.map { "The server on \($0.host) has ended. " } ?? ""
      return canvas.line(ended + "No host is serving.", .warning, in: area.row(0))
    }
    let columns = [
      Table.Column("host", width: 12, .left, rank: 9, stretches: true),
      Table.Column("state", width: 8, .left, rank: 8), Table.Column("sockets", width: 9, rank: 9),
      Table.Column("workers", width: 7, rank: 6), Table.Column("accepted", width: 9, rank: 3),
      Table.Column("in", width: 7, rank: 4), Table.Column("out", width: 7, rank: 4),
      Table.Column("up", width: 8, rank: 5), Table.Column("crashes", width: 7, rank: 2),
    ]
    Table(columns, rows: snapshot.hosts.map { row($0, now: view.now) }).draw(on: &canvas, in: area)
  }

  private static func row(_ host: Snapshot.Host, now: Int64) -> [Table.Cell] {
    let record = host.record
    let up = host.workers.count { $0.state == .serving || $0.state == .draining }
    return [
      Table.Cell(record.id.text),
      Table.Cell(record.state.rawValue, record.state == .serving ? .good : .warning),
      Table.Cell(Words.grouped(host.sockets.total)),
      Table.Cell("\(up)/\(record.workers)", up == record.workers ? .normal : .bad),
      Table.Cell(Words.short(Double(record.totals.accepted))),
      Table.Cell(Words.short(Double(record.totals.messagesIn))),
      Table.Cell(Words.short(Double(record.totals.messagesOut))),
      Table.Cell(Words.duration(seconds: Int(clamping: max(0, now - record.started) / 1000))),
      Table.Cell("\(record.crashes)", record.crashes == 0 ? .dim : .warning),
    ]
  }
}

/// The latest events, newest at the bottom.
enum Timeline {
  static func draw(_ view: View, on canvas: inout Canvas, in area: Rect) {
    let lines = view.events.suffix(area.height)
    for (index, line) in lines.enumerated() {
      let row = area.row(index)
      var x = row.x
      x += canvas.text(clock(line.time), .dim, x: x, y: row.y, in: row) + 1
      x += canvas.text(line.event.host.text, .dim, x: x, y: row.y, in: row) + 1
      let (text, style) = words(line.event)
      canvas.text(text, style, x: x, y: row.y, in: row)
    }
  }

  private static func words(_ event: FleetEvent) -> (String, Style) {
    switch event.answer {
    case .refused(let reason): return ("\(event.text): refused, \(reason)", .warning)
    case .done: return ("\(event.text): done", .accent)
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

  /// UTC, as every log of ours.
  private static func clock(_ milliseconds: UInt64) -> String {
    let seconds = milliseconds / 1000 % 86_400
    let two = { (value: UInt64) in value < 10 ? "0\(value)" : "\(value)" }
    return "\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
  }
}
