import FleetState
import TextUI

/// Every open socket of the fleet, one line each.
enum SocketsPage {
  struct Layout {
    let note: Rect
    let list: Rect

    init(_ area: Rect) {
      let parts = area.rows(.fixed(1), .fixed(1), .share(1))
      note = Rect(1, parts[1].y, area.width - 2, parts[1].height)
      list = Rect(1, parts[2].y, area.width - 2, parts[2].height)
    }

    /// The row of `count` that is drawn there.
    func row(at y: Int, of count: Int, around selected: Int) -> Int? {
      let window = Table.window(of: count, around: selected, height: list.height)
      let row = window.lowerBound + y - list.y - 1
      return window.contains(row) && y > list.y ? row : nil
    }
  }

  static func draw(_ view: View, _ snapshot: Snapshot, on canvas: inout Canvas, in area: Rect) {
    let layout = Layout(area)
    let book = view.sockets
    note(view, book, on: &canvas, in: layout.note)
    if book.shown.isEmpty {
      return canvas.line(emptiness(book), .dim, in: layout.list.row(1))
    }
    Table(columns(book), count: book.shown.count, selected: book.row, height: layout.list.height) {
      row(book.shown[$0], now: snapshot.time)
    }.draw(on: &canvas, in: layout.list)
  }

  private static func note(_ view: View, _ book: SocketBook, on canvas: inout Canvas, in row: Rect) {
    if book.isTyping {
      let parts = row.columns(.fixed(8), .share(1))
      canvas.line("filter", .key, in: parts[0])
      return book.field.draw(on: &canvas, in: parts[1])
    }
    let hall = book.hall.map { "hall \($0)" } ?? "every hall"
    let text = book.field.isEmpty ? "" : ", with “\(book.field.text)”"
    let order = book.isReversed ? ", backwards" : ""
    Note.draw(
      "\(hall)\(text), by \(book.sort.title)\(order)", state(book),
      book.problem == nil ? .dim : .bad, view, on: &canvas, in: row)
  }

  private static func state(_ book: SocketBook) -> String {
    if let problem = book.problem { return problem }
    if !book.hasBeenRead { return "being read" }
    let shown = Words.grouped(book.shown.count)
    return book.isCut || book.shown.count < book.total
      ? "\(shown) of \(Words.grouped(book.total)) sockets" : Reach.count(book.total, "socket")
  }

  private static func emptiness(_ book: SocketBook) -> String {
    if !book.hasBeenRead { return "Reading the workers' lists…" }
    return book.filter.isEmpty ? "No socket is open." : "No socket like that: / and h choose, esc shows all."
  }

  private static func columns(_ book: SocketBook) -> [Table.Column] {
    let title = { (column: SocketBook.Column) in
      column == book.sort ? column.title + (book.isReversed ? " ↑" : " ↓") : column.title
    }
    return [
      Table.Column(title(.socket), width: 16, roomy: 32, .left, rank: 8, stretches: true),
      Table.Column(title(.hall), width: 7, .left, rank: 6),
      Table.Column(title(.client), width: 12, roomy: 40, .left, rank: 9),
      Table.Column(title(.peer), width: 21, .left, rank: 5), Table.Column(title(.open), width: 8, rank: 7),
    ]
  }

  private static func row(_ line: SocketLine, now: Int64) -> [Table.Cell] {
    let since = Int64(clamping: line.socket.since)
    let age = max(0, now.subtractingReportingOverflow(since).partialValue) / 1000
    return [
      Table.Cell(line.name), Table.Cell(line.socket.hall.name, .dim),
      Table.Cell(line.socket.client?.text ?? "-", line.socket.client == nil ? .dim : .accent),
      Table.Cell(line.socket.peer, .dim), Table.Cell(Words.duration(seconds: Int(clamping: age))),
    ]
  }
}
