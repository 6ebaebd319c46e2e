/// Rows of figures under headings. Columns that do not fit go, the least important first; the rest share the width.
package struct Table: Equatable, Sendable {
  package struct Column: Equatable, Sendable {
    package var title: String
    package var width: Int
    /// How wide it is where there is room, from the left.
    package var roomy: Int
    package var alignment: Alignment
    /// Columns of a lower rank go first when it gets narrow.
    package var rank: Int
    /// Takes the room that is still left over.
    package var stretches: Bool

    package init(
      _ title: String, width: Int, roomy: Int = 0, _ alignment: Alignment = .right, rank: Int = 0,
      stretches: Bool = false
    ) {
      self.title = title
      self.width = width
      self.roomy = roomy
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
  /// Rows below the last one given, of which only the number is known here.
  package var rowsBelow: Int

  package init(_ columns: [Column], rows: [[Cell]], selected: Int? = nil, rowsBelow: Int = 0) {
    self.columns = columns
    self.rows = rows
    self.selected = selected
    self.rowsBelow = rowsBelow
  }

  /// Of many rows only those that will be seen: `row` makes one when it is needed.
  package init(
    _ columns: [Column], count: Int, selected: Int?, height: Int, row: (Int) -> [Cell]
  ) {
    let window = Self.window(of: count, around: selected, height: height)
    self.init(
      columns, rows: window.map(row), selected: selected.map { $0 - window.lowerBound },
      rowsBelow: count - window.upperBound)
  }

  /// The rows that are seen where a table of that many is drawn `height` rows high.
  package static func window(of count: Int, around selected: Int?, height: Int) -> Range<Int> {
    let visible = max(0, height - 1)
    let first = selected.map { max(0, min($0 - visible + 1, count - visible)) } ?? 0
    return first..<max(first, min(count, first + visible))
  }

  private static let gap = 2

  package func draw(on canvas: inout Canvas, in area: Rect) {
    let layout = layout(width: area.width)
    for (index, x, width) in layout {
      let cell = Rect(area.x + x, area.y, width, min(1, area.height))
      canvas.line(columns[index].title, .heading, in: cell, align: columns[index].alignment)
    }
    let visible = max(0, area.height - 1)
    let window = Self.window(of: rows.count, around: selected, height: area.height)
    for (line, row) in window.enumerated() {
      draw(row: row, at: area.row(line + 1), layout, on: &canvas)
    }
    let below = rows.count - window.upperBound + rowsBelow
    if below > 0, visible > 0 {
      let more = "\(Words.grouped(below)) more"
      canvas.line(more, .dim, in: area.row(area.height - 1), align: .right)
    }
  }

  private func draw(row: Int, at line: Rect, _ layout: [(Int, Int, Int)], on canvas: inout Canvas) {
    let isSelected = row == selected
    if isSelected { canvas.fill(line, " ", .selected) }
    for (index, x, width) in layout where index < rows[row].count {
      let cell = rows[row][index]
      canvas.line(
        cell.text, isSelected ? .selected : cell.style,
        in: Rect(line.x + x, line.y, width, line.height),
        align: columns[index].alignment)
    }
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
    let wider = kept.map { index in
      let more = min(spare, max(0, columns[index].roomy - columns[index].width))
      spare -= more
      return more
    }
    var x = 0
    return zip(kept, wider).map { index, more in
      var length = min(columns[index].width, width) + more
      if columns[index].stretches {
        length += spare
        spare = 0
      }
      defer { x += length + Self.gap }
      return (index, x, length)
    }
  }
}
