/// One line of text being typed: keys in, text out. It scrolls sideways and holds no more than its limit.
package struct TextField: Equatable, Sendable {
  /// Kept apart, not as a String: there an accent or a second flag letter melts into its neighbour, the count
  /// shrinks and the cursor would point behind the end.
  private var characters: [Character]
  /// `0 <= cursor <= characters.count`
  private var cursor: Int
  private let limit: Int

  package init(_ text: String = "", limit: Int = 4096) {
    self.limit = max(0, limit)
    characters = Array(text.prefix(self.limit))
    cursor = characters.count
  }

  package var text: String { String(characters) }
  package var isEmpty: Bool { characters.isEmpty }

  /// True when the key meant something here.
  package mutating func take(_ key: Key) -> Bool {
    switch key {
    case .character(let character):
      guard characters.count < limit else { return true }
      characters.insert(character, at: cursor)
      cursor += 1
    case .paste(let text):
      // Scalar by scalar, as they are typed; a line's end or a tab is a blank here.
      for scalar in text.unicodeScalars where characters.count < limit {
        let isControl = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
        characters.insert(isControl ? " " : Character(scalar), at: cursor)
        cursor += 1
      }
    case .backspace:
      guard cursor > 0 else { return true }
      cursor -= 1
      characters.remove(at: cursor)
    case .delete: if cursor < characters.count { characters.remove(at: cursor) }
    case .left: cursor = max(0, cursor - 1)
    case .right: cursor = min(characters.count, cursor + 1)
    case .home: cursor = 0
    case .end: cursor = characters.count
    case .enter, .escape, .tab, .backTab, .up, .down, .pageUp, .pageDown, .function, .resize, .mouse:
      return false
    }
    return true
  }

  package func draw(on canvas: inout Canvas, in row: Rect) {
    guard row.width > 0, row.height > 0 else { return }
    canvas.fill(row, " ", .selected)
    // What is left of the cursor scrolls away first; the cursor itself always has its cell.
    var start = cursor
    var room = row.width - 1
    while start > 0 {
      room -= displayWidth(String(characters[start - 1]))
      if room < 0 { break }
      start -= 1
    }
    let before = String(characters[start..<cursor])
    canvas.text(before + String(characters[cursor...]), .selected, x: row.x, y: row.y, in: row)
    // What stands under the cursor is seen, too; behind the last letter it is a line.
    let under = cursor < characters.count ? String(characters[cursor]) : "_"
    let place = row.x + displayWidth(before)
    let taken = canvas.text(under, .key, x: place, y: row.y, in: row)
    if taken == 0 || under == " " { canvas.text("_", .key, x: place, y: row.y, in: row) }
  }
}
