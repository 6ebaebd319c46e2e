/// One line of text being typed: keys in, text out. It scrolls sideways and holds no more than its limit.
package struct TextField: Equatable, Sendable {
  package private(set) var text: String
  private var cursor: Int
  private let limit: Int

  package init(_ text: String = "", limit: Int = 4096) {
    self.text = String(text.prefix(limit))
    self.limit = limit
    cursor = self.text.count
  }

  /// True when the key meant something here.
  package mutating func take(_ key: Key) -> Bool {
    switch key {
    case .character(let character):
      guard text.count < limit else { return true }
      text.insert(character, at: index(cursor))
      cursor += 1
    case .backspace:
      guard cursor > 0 else { return true }
      cursor -= 1
      text.remove(at: index(cursor))
    case .delete: if cursor < text.count { text.remove(at: index(cursor)) }
    case .left: cursor = max(0, cursor - 1)
    case .right: cursor = min(text.count, cursor + 1)
    case .home: cursor = 0
    case .end: cursor = text.count
    case .enter, .escape, .tab, .backTab, .up, .down, .pageUp, .pageDown, .function, .resize, .mouse:
      return false
    }
    return true
  }

  package func draw(on canvas: inout Canvas, in row: Rect) {
    guard row.width > 0 else { return }
    let start = max(0, cursor - row.width + 1)
    let shown = text.dropFirst(start).prefix(row.width)
    canvas.fill(row, " ", .selected)
    canvas.text(shown, .selected, x: row.x, y: row.y, in: row)
    let before = text.dropFirst(start).prefix(cursor - start)
    canvas.text("_", .key, x: row.x + displayWidth(before), y: row.y, in: row)
  }

  private func index(_ offset: Int) -> String.Index { text.index(text.startIndex, offsetBy: offset) }
}
