import Bytes

/// A screen in memory: one scalar and one style per cell. Pages draw on it, tests read its lines, a terminal shows
/// it. Whatever is drawn beyond an edge is cut, whatever could steer a terminal is made harmless.
package struct Canvas: Equatable, Sendable {
  package struct Cell: Equatable, Sendable {
    package var scalar: Unicode.Scalar
    package var style: Style
  }

  package let size: Size
  /// For terminals that know no more: lines and blocks are drawn with ASCII.
  package let isASCII: Bool
  private var cells: [Cell]

  /// The right half of a wide character.
  static let continuation: Unicode.Scalar = "\0"
  private static let blank = Cell(scalar: " ", style: .normal)

  package init(_ size: Size, isASCII: Bool = false) {
    self.size = size
    self.isASCII = isASCII
    cells = Array(repeating: Self.blank, count: size.width * size.height)
  }

  package var bounds: Rect { Rect(0, 0, size.width, size.height) }

  package subscript(x: Int, y: Int) -> Cell { cells[y * size.width + x] }

  /// Rows as text, without blanks at their ends: what golden tests compare.
  package var lines: [String] {
    (0..<size.height).map { y in
      var line = String.UnicodeScalarView()
      for x in 0..<size.width where self[x, y].scalar != Self.continuation { line.append(self[x, y].scalar) }
      while line.last == " " { line.removeLast() }
      return String(line)
    }
  }

  // MARK: Drawing

  /// Draws what fits between `x` and the right edge of `area`; returns how many cells that took.
  @discardableResult
  package mutating func text(
    _ text: some StringProtocol, _ style: Style = .normal, x: Int, y: Int, in area: Rect
  ) -> Int {
    guard y >= area.y, y < area.y + area.height else { return 0 }
    var place = x
    let end = area.x + area.width
    for scalar in printable(text, limit: 4096).unicodeScalars {
      let shown = isASCII ? Self.ascii(scalar) : scalar
      let width = displayWidth(shown)
      if width == 0 { continue }
      if place + width > end { break }
      if width == 1, place >= area.x { set(shown, style, place, y) }
      if width == 2, place + 1 >= area.x { setWide(shown, style, place, y, isWhole: place >= area.x) }
      place += width
    }
    return place - x
  }

  /// In one row: on the left, in the middle, or on the right. What does not fit ends in `…`.
  package mutating func line(
    _ text: some StringProtocol, _ style: Style = .normal, in row: Rect, align: Alignment = .left
  ) {
    let shown = Words.cut(text, width: row.width)
    let width = displayWidth(shown)
    let x =
      switch align {
      case .left: row.x
      case .center: row.x + (row.width - width) / 2
      case .right: row.x + row.width - width
      }
    self.text(shown, style, x: x, y: row.y, in: row)
  }

  /// One after another in one row. What does not fit ends in `…`.
  package mutating func phrases(_ phrases: [(text: String, style: Style)], gap: Int = 2, in row: Rect) {
    var x = row.x
    let end = row.x + row.width
    for phrase in phrases {
      if x >= end {
        // Not even a sign has room behind the last one, so it takes that one's last cell.
        if row.width > 0 { text("…", phrase.style, x: end - 1, y: row.y, in: row) }
        return
      }
      line(phrase.text, phrase.style, in: Rect(x, row.y, end - x, row.height))
      x += displayWidth(phrase.text) + gap
    }
  }

  package mutating func fill(_ area: Rect, _ scalar: Unicode.Scalar = " ", _ style: Style = .normal) {
    for y in area.y..<area.y + area.height {
      for x in area.x..<area.x + area.width { set(scalar, style, x, y) }
    }
  }

  /// A frame with a title in its upper edge.
  package mutating func frame(_ area: Rect, title: String = "", _ style: Style = .border) {
    guard area.width >= 2, area.height >= 2 else { return }
    let (across, down, corners) =
      isASCII
      ? ("-" as Unicode.Scalar, "|" as Unicode.Scalar, ["+", "+", "+", "+"] as [Unicode.Scalar])
      : ("─", "│", ["╭", "╮", "╰", "╯"])
    let right = area.x + area.width - 1
    let bottom = area.y + area.height - 1
    for x in area.x...right {
      set(across, style, x, area.y)
      set(across, style, x, bottom)
    }
    for y in area.y...bottom {
      set(down, style, area.x, y)
      set(down, style, right, y)
    }
    set(corners[0], style, area.x, area.y)
    set(corners[1], style, right, area.y)
    set(corners[2], style, area.x, bottom)
    set(corners[3], style, right, bottom)
    if !title.isEmpty {
      let room = Rect(area.x + 2, area.y, area.width - 4, 1)
      text(" \(title) ", .heading, x: room.x, y: area.y, in: room)
    }
  }

  /// One cell, for widgets that count in cells. Outside nothing happens.
  mutating func set(_ scalar: Unicode.Scalar, _ style: Style, _ x: Int, _ y: Int) {
    guard x >= 0, y >= 0, x < size.width, y < size.height else { return }
    part(x, y)
    cells[y * size.width + x] = Cell(scalar: scalar, style: style)
  }

  /// A wide character in two cells; a blank where an edge leaves room for only one of them.
  private mutating func setWide(
    _ scalar: Unicode.Scalar, _ style: Style, _ x: Int, _ y: Int, isWhole: Bool
  ) {
    let fits = isWhole && x >= 0 && x + 1 < size.width
    if isWhole { set(" ", style, x, y) }
    set(" ", style, x + 1, y)
    guard fits, y >= 0, y < size.height else { return }
    cells[y * size.width + x].scalar = scalar
    cells[y * size.width + x + 1].scalar = Self.continuation
  }

  /// Half a wide character cannot be shown: before one cell of it is overwritten, the other becomes a blank.
  /// Else a terminal would draw the rest of the row one column off.
  private mutating func part(_ x: Int, _ y: Int) {
    let index = y * size.width + x
    if cells[index].scalar == Self.continuation {
      cells[index - 1].scalar = " "
    } else if x + 1 < size.width, cells[index + 1].scalar == Self.continuation {
      cells[index + 1].scalar = " "
    }
  }

  private static func ascii(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    if scalar.isASCII { return scalar }
    switch scalar {
    case "…": return "."
    case "→", "▸", "›": return ">"
    case "·", "•", "●": return "*"
    case "─", "–", "—": return "-"
    case "↑": return "^"
    case "↓": return "v"
    case "µ": return "u"
    default: return displayWidth(scalar) == 0 ? scalar : "?"
    }
  }
}

package enum Alignment: Sendable { case left, center, right }
