import TextUI

/// A row that is chosen in a list: it stays the same one while the list changes around it.
struct Selection<ID: Equatable & Sendable>: Equatable, Sendable {
  private(set) var row = 0
  private var id: ID?

  /// The list is another now: the chosen one is looked for, else the row stays.
  mutating func renew(_ count: Int, _ find: (ID) -> Int?, at name: (Int) -> ID) {
    if let id, let place = find(id) { row = place }
    choose(row, of: count, at: name)
  }

  mutating func choose(_ wanted: Int, of count: Int, at name: (Int) -> ID) {
    row = max(0, min(wanted, count - 1))
    id = count > 0 ? name(row) : nil
  }

  /// Where a key leads; nil for one that means nothing here.
  func target(of key: Key, count: Int, height: Int) -> Int? {
    let page = max(1, height - 1)
    switch key {
    case .up, .mouse(_, _, .wheelUp): return row - 1
    case .down, .mouse(_, _, .wheelDown): return row + 1
    case .pageUp: return row - page
    case .pageDown: return row + page
    case .home: return 0
    case .end: return count - 1
    case .character, .left, .right, .enter, .escape, .tab, .backTab, .backspace, .delete, .function, .resize,
      .paste, .mouse(_, _, .click):
      return nil
    }
  }
}
