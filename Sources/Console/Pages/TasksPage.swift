import FleetState
import TextUI

/// The fleet's tasks: how many wait, how fast they are done, the newest, the dead letters.
enum TasksPage {
  struct Layout {
    let figures: Rect
    let chart: Rect
    let table: SocketsPage.Layout

    init(_ area: Rect) {
      let head = min(7, max(5, area.height / 4))
      let parts = area.rows(.fixed(head), .share(1))
      let cells = parts[0].columns(.fixed(40), .share(1))
      figures = Rect(cells[0].x + 1, cells[0].y, cells[0].width - 2, cells[0].height)
      chart = Rect(cells[1].x + 1, cells[1].y, cells[1].width - 2, cells[1].height)
      table = SocketsPage.Layout(parts[1])
    }
  }

  private static let columns = [
    Table.Column("task", width: 12, roomy: 36, .left, rank: 7, stretches: true),
    Table.Column("kind", width: 9, .left, rank: 6),
    Table.Column("status", width: 8, .left, rank: 9), Table.Column("try", width: 3, rank: 5),
    Table.Column("client", width: 12, roomy: 24, .left, rank: 3), Table.Column("age", width: 7, rank: 4),
    Table.Column("reason", width: 24, roomy: 64, .left, rank: 8),
  ]

  static func draw(_ view: View, _ snapshot: Snapshot, on canvas: inout Canvas, in area: Rect) {
    let layout = Layout(area)
    let book = view.tasks
    figures(book, snapshot.tasks, on: &canvas, in: layout.figures)
    Chart("done /s", book.pace.done, .good).draw(on: &canvas, in: layout.chart)
    let what = book.status.map { $0 == .failed ? "dead letters" : $0.rawValue } ?? "the newest"
    let state = book.problem ?? (book.hasBeenRead ? Reach.count(book.records.count, "task") : "being read")
    let style: Style = book.problem == nil ? .dim : .bad
    Note.draw(what, state, style, view, on: &canvas, in: layout.table.note)
    if book.records.isEmpty {
      let text = book.hasBeenRead ? emptiness(book) : "Asking for the tasks…"
      return canvas.line(text, .dim, in: layout.table.list.row(1))
    }
    Table(columns, count: book.records.count, selected: book.row, height: layout.table.list.height) {
      row(book.records[$0], now: snapshot.time)
    }.draw(on: &canvas, in: layout.table.list)
  }

  private static func emptiness(_ book: TaskBook) -> String {
    book.status == nil
      ? "There are no tasks: POST /tasks makes one." : "None is \(book.status?.rawValue ?? "")."
  }

  private static func figures(
    _ book: TaskBook, _ tally: TaskTally, on canvas: inout Canvas, in area: Rect
  ) {
    let rate = { (figure: KeyPath<TaskTally, Int>) in Words.short(book.pace.rate(figure)) + " /s" }
    let rows: [(String, Int, String, Style)] = [
      ("queued", max(0, book.count.queued - tally.running), rate(\.accepted) + " in", .normal),
      ("running", tally.running, rate(\.done) + " done", .accent),
      ("later", book.count.later, rate(\.retried) + " again", .normal),
      ("dead letters", book.count.dead, rate(\.failed) + " failed", book.count.dead == 0 ? .dim : .bad),
    ]
    for (index, (name, count, pace, style)) in rows.enumerated() {
      let row = area.row(index + 1)
      canvas.text(name, .dim, x: row.x, y: row.y, in: row)
      let cells = row.columns(.fixed(13), .fixed(9), .share(1))
      canvas.line(Words.grouped(count), style, in: cells[1], align: .right)
      canvas.line(pace, .dim, in: cells[2], align: .right)
    }
  }

  private static func row(_ task: TaskRecord, now: Int64) -> [Table.Cell] {
    let age = max(0, now.subtractingReportingOverflow(task.created).partialValue) / 1000
    return [
      Table.Cell(task.id.text), Table.Cell(task.kind.rawValue, .dim),
      Table.Cell(task.last.status.rawValue, style(of: task.last.status)), Table.Cell("\(task.last.attempt)"),
      Table.Cell(task.client?.text ?? "-", .dim),
      Table.Cell(Words.duration(seconds: Int(clamping: age)), .dim),
      Table.Cell(task.last.reason ?? "-", task.last.reason == nil ? .dim : .warning),
    ]
  }

  private static func style(of status: TaskStatus) -> Style {
    switch status {
    case .queued: .normal
    case .running: .accent
    case .retrying: .warning
    case .done: .good
    case .failed: .bad
    }
  }
}
