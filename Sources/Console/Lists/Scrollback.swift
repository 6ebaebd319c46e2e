import TextUI

/// The latest lines of something that goes on, newest last, and a place among them.
///
/// At the end it follows what comes. Whoever goes back holds it: what is seen stands still, while what comes is kept
/// for later. No more than `most` lines are kept, twice while it is held.
struct Scrollback<Line: Equatable & Sendable>: Equatable, Sendable {
  private(set) var lines: [Line] = []
  private var held: [Line]?
  /// How far the selected line is from the newest, among those that are shown.
  private var back = 0
  /// How many have come since it is held.
  private(set) var missed = 0

  private let most: Int

  init(most: Int) { self.most = most }

  mutating func add(_ line: Line) {
    lines.append(line)
    // Cut now and then, so that a line costs no move of all others.
    if lines.count >= most + most / 4 { lines.removeFirst(lines.count - most) }
    if held != nil { missed += 1 }
  }

  // MARK: Holding

  var isHeld: Bool { held != nil }

  /// What is seen, as far as it `matches`.
  func shown(_ matches: (Line) -> Bool) -> [Line] { (held ?? lines).filter(matches) }

  /// The selected line's index among `count` shown ones; nil where the newest is followed.
  func selected(of count: Int) -> Int? {
    isHeld && count > 0 ? max(0, count - 1 - back) : nil
  }

  mutating func hold() {
    if isHeld { return }
    held = lines
    missed = 0
  }

  mutating func follow() {
    held = nil
    back = 0
    missed = 0
  }

  /// Another filter: the place means nothing any more.
  mutating func rewind() { back = 0 }

  // MARK: Moving

  /// True when the key meant something here. `count` lines are shown, `height` at a time.
  mutating func take(_ key: Key, of count: Int, height: Int) -> Bool {
    switch key {
    case .character(" "): if isHeld { follow() } else { hold() }
    case .up, .mouse(_, _, .wheelUp): move(by: isHeld ? 1 : 0, of: count)
    case .pageUp: move(by: max(1, height - 1), of: count)
    case .home: move(by: count, of: count)
    case .down, .mouse(_, _, .wheelDown): moveDown(by: 1)
    case .pageDown: moveDown(by: max(1, height - 1))
    case .end: follow()
    case .character, .left, .right, .enter, .escape, .tab, .backTab, .backspace, .delete, .function, .resize,
      .paste, .mouse(_, _, .click):
      return false
    }
    return true
  }

  private mutating func move(by step: Int, of count: Int) {
    hold()
    back = min(back + step, max(0, count - 1))
  }

  /// Below the newest one there is only what comes.
  private mutating func moveDown(by step: Int) {
    if !isHeld { return }
    if back == 0 { follow() } else { back = max(0, back - step) }
  }
}
