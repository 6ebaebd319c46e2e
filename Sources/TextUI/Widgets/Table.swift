/// Rows of figures under headings. Columns that do not fit go, the least important first; the rest share the width.
package struct Table: Equatable, Sendable {
  package struct Column: Equatable, Sendable {
    package var title: String
    package var width: Int
    package var alignment: Alignment
    /// Columns of a lower rank go first when it gets narrow.
    package var rank: Int
    /// Takes the room that is left over.
    package var stretches: Bool

    package init(
      _ title: String, width: Int, _ alignment: Alignment = .right, rank: Int = 0, stretches: Bool = false
    ) {
      self.title = title
      self.width = width
      self.alignment = alignment
      self.rank = rank
      self.stretches = stretches
    }
  }

  package struct Cell: Equatable, Sendable {
    package var text: String
    package var style: Style

    package init(_ text: String, _ style: Style = .normal) {
      self.text = text
      self.style = style
    }
  }

  package var columns: [Column]
  package var rows: [[Cell]]
  package var selected: Int?

  package init(_ columns: [Column], rows: [[Cell]], selected: Int? = nil) {
    self.columns = columns
    self.rows = rows
    self.selected = selected
  }

  private static let gap = 2

  package func draw(on canvas: inout Canvas, in area: Rect) {
    let layout = layout(width: area.width)
    for (index, x, width) in layout {
      let cell = Rect(area.x + x, area.y, width, min(1, area.height))
      canvas.line(Self.cut(columns[index].title, width), .heading, in: cell, align: columns[index].alignment)
    }
    let visible = max(0, area.height - 1)
    let first = firstRow(visible: visible)
    for line in 0..<min(visible, rows.count - first) {
      draw(row: first + line, at: area.row(line + 1), layout, on: &canvas)
    }
    if rows.count - first > visible, visible > 0 {
      let more = "\(rows.count - first - visible) more"
      canvas.line(more, .dim, in: area.row(area.height - 1), align: .right)
    }
  }

  private func draw(row: Int, at line: Rect, _ layout: [(Int, Int, Int)], on canvas: inout Canvas) {
    let isSelected = row == selected
    if isSelected { canvas.fill(line, " ", .selected) }
    for (index, x, width) in layout where index < rows[row].count {
      let cell = rows[row][index]
      canvas.line(
        Self.cut(cell.text, width), isSelected ? .selected : cell.style,
        in: Rect(line.x + x, line.y, width, line.height),
        align: columns[index].alignment)
    }
  }

  /// Keeps the selected row in sight.
  private func firstRow(visible: Int) -> Int {
    guard let selected, visible > 0 else { return 0 }
    return max(0, min(selected - visible + 1, rows.count - visible))
  }

  /// Column, place and width of those that fit.
  private func layout(width: Int) -> [(Int, Int, Int)] {
    var kept = Array(columns.indices)
    func needed() -> Int { kept.reduce(0) { $0 + columns[$1].width + Self.gap } - Self.gap }
    while kept.count > 1, needed() > width {
      guard let least = kept.min(by: { (columns[$0].rank, -$0) < (columns[$1].rank, -$1) }) else { break }
      kept.removeAll { $0 == least }
    }
    var spare = max(0, width - needed())
    var x = 0
    return kept.map { index in
      var length = min(columns[index].width, width)
      if columns[index].stretches {
        length += spare
        spare = 0
      }
      defer { x += length + Self.gap }
      return (index, x, length)
    }
  }

  /// Text too long ends in a sign that it does.
  static func cut(_ text: String, _ width: Int) -> String {
    if displayWidth(text) <= width { return text }
    if width <= 0 { return "" }
    var kept = String.UnicodeScalarView()
    var used = 0
    for scalar in text.unicodeScalars {
      let next = displayWidth(scalar)
      if used + next > width - 1 { break }
      kept.append(scalar)
      used += next
    }
    return String(kept) + "…"
  }
}
