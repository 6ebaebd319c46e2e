/// Something the person at the terminal did.
package enum Key: Hashable, Sendable {
  case character(Character)
  case up, down, left, right
  case pageUp, pageDown, home, end
  case enter, escape, tab, backTab, backspace, delete
  case function(Int)
  /// What was pasted in one go: its line ends are no `enter`.
  case paste(String)
  /// The terminal has another size now.
  case resize
  case mouse(x: Int, y: Int, Mouse)

  package enum Mouse: Hashable, Sendable { case click, wheelUp, wheelDown }
}
