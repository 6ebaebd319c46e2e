import TextUI

/// One thing looked at closely, over the page it was found on.
struct Inspection: Equatable, Sendable {
  var title: String
  /// What it is and how it says so.
  var facts: [(name: String, value: String)]

  init(_ title: String, _ facts: [(name: String, value: String)]) {
    self.title = title
    self.facts = facts
  }

  static func == (a: Inspection, b: Inspection) -> Bool {
    a.title == b.title && a.facts.map(\.name) == b.facts.map(\.name)
      && a.facts.map(\.value) == b.facts.map(\.value)
  }

  private static let mostLines = 200

  func draw(on canvas: inout Canvas, in area: Rect) {
    let names = facts.map { displayWidth($0.name) }.max() ?? 0
    let width = max(1, min(area.width - 4, 96))
    let rows = Self.rows(facts, width: width - names - 2)
    let box = area.centered(Size(width + 4, rows.count + 4))
    canvas.fill(box)
    canvas.frame(box, title: Words.cut(title, width: box.width - 6))
    let inner = Rect(box.x + 2, box.y + 1, box.width - 4, box.height - 2)
    let room = max(0, inner.height - 2)
    for (index, row) in rows.prefix(room).enumerated() {
      let line = inner.row(index)
      canvas.text(row.name, .dim, x: line.x, y: line.y, in: line)
      canvas.line(row.value, in: Rect(line.x + names + 2, line.y, line.width - names - 2, 1))
    }
    let last = inner.row(inner.height - 1)
    KeyHints([("esc", "back")]).draw(on: &canvas, in: last)
    if rows.count > room { canvas.line("\(rows.count - room) lines more", .dim, in: last, align: .right) }
  }

  /// Long values go on in the next row.
  private static func rows(
    _ facts: [(name: String, value: String)], width: Int
  ) -> [(name: String, value: String)] {
    var rows: [(name: String, value: String)] = []
    for fact in facts where rows.count < mostLines {
      let lines = Words.wrap(fact.value, width: max(8, width))
      for (index, line) in lines.enumerated() { rows.append((index == 0 ? fact.name : "", line)) }
    }
    return rows
  }
}
