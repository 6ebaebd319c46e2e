/// A question or a notice over the page.
package struct Dialog: Equatable, Sendable {
  package var title: String
  package var lines: [String]
  /// What can be done: key and word.
  package var choices: [(key: String, word: String)]
  package var style: Style

  package init(
    _ title: String, _ lines: [String], choices: [(key: String, word: String)], _ style: Style = .border
  ) {
    self.title = title
    self.lines = lines
    self.choices = choices
    self.style = style
  }

  package static func == (a: Dialog, b: Dialog) -> Bool {
    a.title == b.title && a.lines == b.lines && a.style == b.style
      && a.choices.map { $0.key + $0.word } == b.choices.map { $0.key + $0.word }
  }

  package func draw(on canvas: inout Canvas, in area: Rect) {
    let widest = ([title] + lines + [hint]).map { displayWidth($0) }.max() ?? 0
    let width = min(area.width, max(24, min(widest, 70) + 4))
    let wrapped = lines.flatMap { Words.wrap($0, width: width - 4) }
    let box = area.centered(Size(width, wrapped.count + 4))
    canvas.fill(box)
    canvas.frame(box, title: title, style)
    let inner = Rect(box.x + 2, box.y + 1, box.width - 4, box.height - 2)
    for (index, line) in wrapped.enumerated() { canvas.line(line, in: inner.row(index)) }
    KeyHints(choices).draw(on: &canvas, in: inner.row(inner.height - 1))
  }

  private var hint: String { choices.map { "\($0.key) \($0.word)" }.joined(separator: "   ") }
}

/// Keys and what they do, in one line; what does not fit is left out.
package struct KeyHints {
  package var hints: [(key: String, word: String)]

  package init(_ hints: [(key: String, word: String)]) { self.hints = hints }

  /// Between two of them.
  package static let gap = 3

  package var width: Int {
    hints.reduce(0) { $0 + Self.width($1) + Self.gap } - (hints.isEmpty ? 0 : Self.gap)
  }

  private static func width(_ hint: (key: String, word: String)) -> Int {
    displayWidth(hint.key) + 1 + displayWidth(hint.word)
  }

  /// The first ones, as many as have room.
  package func fitting(_ width: Int) -> [(key: String, word: String)] {
    var end = -Self.gap
    return Array(
      hints.prefix { hint in
        end += Self.gap + Self.width(hint)
        return end <= width
      })
  }

  package func draw(on canvas: inout Canvas, in row: Rect) {
    var x = row.x
    for hint in fitting(row.width) {
      x += canvas.text(hint.key, .key, x: x, y: row.y, in: row) + 1
      x += canvas.text(hint.word, .dim, x: x, y: row.y, in: row) + Self.gap
    }
  }
}

/// What to show when there is no room for anything else.
package func drawTooSmall(on canvas: inout Canvas, needed: Size) {
  let lines = Words.wrap(
    "Terminal too small: \(canvas.size.width)x\(canvas.size.height), needs \(needed.width)x\(needed.height).",
    width: max(1, canvas.size.width))
  for (index, line) in lines.enumerated() { canvas.line(line, .warning, in: canvas.bounds.row(index)) }
}
