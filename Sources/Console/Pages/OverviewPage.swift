import FleetState
import TextUI

/// The fleet at a glance: four curves, the hosts, the latest events.
enum OverviewPage {
  static func draw(_ view: View, _ snapshot: Snapshot, on canvas: inout Canvas, in area: Rect) {
    let charts = min(10, max(6, area.height / 2))
    let hosts = min(max(2, snapshot.hosts.count + 1), max(2, area.height / 4))
    let parts = area.rows(.fixed(charts), .fixed(1), .fixed(hosts), .fixed(1), .share(1))
    FleetCharts.draw(view, on: &canvas, in: parts[0])
    state(view, on: &canvas, in: Rect(1, parts[1].y, area.width - 2, parts[1].height))
    self.hosts(view, snapshot, on: &canvas, in: Rect(1, parts[2].y, area.width - 2, parts[2].height))
    EventLines.draw(view, on: &canvas, in: Rect(1, parts[4].y, area.width - 2, parts[4].height))
  }

  /// That the figures are not of now, or that some are missing.
  private static func state(_ view: View, on canvas: inout Canvas, in row: Rect) {
    if view.redis != .up { return Note.draw(view, on: &canvas, in: row) }
    guard let latest = view.lost.values.max() else { return }
    let names = view.lost.keys.sorted().map(\.text).joined(separator: ", ")
    let time = Clock.time(UInt64(clamping: latest))
    canvas.line("gone without a word, last seen at \(time): \(names)", .bad, in: row)
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
