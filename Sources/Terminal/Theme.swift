import CTerminal
import TextUI

/// How a meaning looks, by what the terminal can do.
struct Theme {
  struct Look: Equatable {
    /// A colour's number; nil is the terminal's own.
    var color: Int32?
    var attributes: Int32 = 0
  }

  enum Depth: Equatable { case mono, basic, rich }

  let depth: Depth

  func look(of style: Style) -> Look {
    switch depth {
    case .mono: Look(color: nil, attributes: Self.attributes(style))
    case .basic: Look(color: Self.basic(style), attributes: Self.attributes(style))
    case .rich: Look(color: Self.rich(style), attributes: Self.attributes(style) & ~dim)
    }
  }

  private var dim: Int32 { Int32(CTERMINAL_DIM) }

  private static func attributes(_ style: Style) -> Int32 {
    switch style {
    case .normal, .accent, .good, .bar, .border: 0
    case .dim: Int32(CTERMINAL_DIM)
    case .title, .heading, .warning, .key: Int32(CTERMINAL_BOLD)
    case .bad: Int32(CTERMINAL_BOLD | CTERMINAL_UNDERLINE)
    case .selected: Int32(CTERMINAL_REVERSE)
    }
  }

  private static func basic(_ style: Style) -> Int32? {
    switch style {
    case .normal, .dim, .selected, .heading, .border: nil
    case .title, .accent, .bar: 6
    case .good: 2
    case .warning, .key: 3
    case .bad: 1
    }
  }

  private static func rich(_ style: Style) -> Int32? {
    switch style {
    case .normal, .selected: nil
    case .dim: 245
    case .border: 240
    case .heading: 252
    case .title: 45
    case .accent, .bar: 39
    case .good: 78
    case .warning: 214
    case .bad: 203
    case .key: 221
    }
  }
}
