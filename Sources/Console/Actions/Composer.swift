import FleetState
import TextUI

/// A word to every socket while it is written, and the halls it is for.
struct Composer: Equatable, Sendable {
  enum Focus: Equatable, Sendable { case text, halls }

  enum Outcome: Equatable { case writing, given(String, Halls), dropped }

  private(set) var field = TextField()
  private(set) var halls = Halls.all
  private(set) var focus = Focus.text
  /// The hall a blank would choose or leave out.
  private(set) var hall = Hall.ws

  mutating func take(_ key: Key) -> Outcome {
    switch key {
    case .escape: return .dropped
    case .enter:
      let text = field.text
      return text.isEmpty || halls.isEmpty ? .writing : .given(text, halls)
    case .tab, .backTab: focus = focus == .text ? .halls : .text
    case .character, .up, .down, .left, .right, .pageUp, .pageDown, .home, .end, .backspace, .delete,
      .function, .resize, .paste, .mouse:
      switch focus {
      case .text: _ = field.take(key)
      case .halls: choose(key)
      }
    }
    return .writing
  }

  private mutating func choose(_ key: Key) {
    let last = UInt8(Hall.allCases.count - 1)
    if key == .left { hall = Hall(rawValue: hall.rawValue == 0 ? last : hall.rawValue - 1) ?? hall }
    if key == .right { hall = Hall(rawValue: hall.rawValue == last ? 0 : hall.rawValue + 1) ?? hall }
    if key == .character(" ") { halls.formSymmetricDifference(Halls(hall)) }
  }

  func draw(_ reach: String, on canvas: inout Canvas, in area: Rect) {
    let box = Rect(area.x, area.y + max(0, area.height - 6), area.width, min(6, area.height))
    canvas.fill(box)
    canvas.frame(box, title: "Broadcast")
    let inner = Rect(box.x + 2, box.y + 1, box.width - 4, box.height - 2)
    field.draw(on: &canvas, in: inner.row(0))
    let row = inner.row(1)
    var x = row.x + canvas.text("halls", .dim, x: row.x, y: row.y, in: row) + 2
    for one in Hall.allCases {
      let isHere = focus == .halls && one == hall
      let box = halls.contains(one) ? "[x]" : "[ ]"
      let style: Style = isHere ? .selected : halls.contains(one) ? .normal : .dim
      x += canvas.text("\(box) \(one)", style, x: x, y: row.y, in: row) + 2
    }
    canvas.line(reach, halls.isEmpty ? .warning : .accent, in: inner.row(2))
    let other = focus == .text ? "choose halls" : "write"
    var hints = [(key: "enter", word: "send, after a question"), ("tab", other)]
    if focus == .halls { hints.append((key: "space", word: "in or out")) }
    KeyHints(hints + [("esc", "leave it")]).draw(on: &canvas, in: inner.row(3))
  }
}
