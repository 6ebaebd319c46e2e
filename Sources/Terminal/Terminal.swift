import CTerminal
package import TextUI

/// The terminal of standard input and output, taken over until this value goes, or the process does.
///
/// In: canvases. Out: keys. It draws only what has changed; curses sends only what differs.
package final class Terminal {
  package enum Failure: Error, Equatable, CustomStringConvertible {
    case noTerminal
    case unknownTerminal

    package var description: String {
      switch self {
      case .noTerminal: "this needs a terminal: with a subcommand it works in scripts, such as status --json"
      case .unknownTerminal: "the terminal's kind is not known here: set TERM, for example to xterm-256color"
      }
    }
  }

  /// For the event loop to watch.
  package static let inputDescriptor: Int32 = 0

  package let isASCII: Bool
  private let theme: Theme
  private var shown: Canvas?
  /// What is being pasted; its end may come with a later read.
  private var paste: [Unicode.Scalar]?

  private static let longestPaste = 65_536

  /// `withColor` is false where NO_COLOR says so.
  package init(withColor: Bool) throws(Failure) {
    switch cterminal_open() {
    case 0: break
    case Int32(CTERMINAL_NO_TERMINAL): throw .noTerminal
    default: throw .unknownTerminal
    }
    isASCII = cterminal_is_utf8() == 0
    let colors = withColor ? cterminal_colors() : 0
    theme = Theme(depth: colors >= 256 ? .rich : colors >= 8 ? .basic : .mono)
    for style in Style.allCases {
      if let color = theme.look(of: style).color { _ = cterminal_pair(Self.pair(style), color, -1) }
    }
  }

  deinit { cterminal_close() }

  package var size: Size {
    var width: Int32 = 0
    var height: Int32 = 0
    // SAFETY: two integers, as the call wants.
    unsafe cterminal_size(&width, &height)
    return Size(Int(width), Int(height))
  }

  /// The window has another size now.
  package func adoptSize() {
    cterminal_adopt_size()
    shown = nil
  }

  package func draw(_ canvas: Canvas) {
    if canvas == shown { return }
    if shown?.size != canvas.size { cterminal_erase() }
    for y in 0..<min(canvas.size.height, size.height) { draw(row: y, of: canvas) }
    cterminal_show()
    shown = canvas
  }

  /// Cells of one style go together.
  private func draw(row y: Int, of canvas: Canvas) {
    var run: [UInt32] = []
    var start = 0
    var style = Style.normal
    for x in 0..<canvas.size.width {
      let cell = canvas[x, y]
      if cell.style != style || run.isEmpty {
        put(run, style, start, y)
        run.removeAll(keepingCapacity: true)
        style = cell.style
        start = x
      }
      run.append(cell.scalar.value)
    }
    put(run, style, start, y)
  }

  private func put(_ scalars: [UInt32], _ style: Style, _ x: Int, _ y: Int) {
    if scalars.isEmpty { return }
    let look = theme.look(of: style)
    // SAFETY: the array's own count is passed along.
    unsafe cterminal_put(
      Int32(x), Int32(y), scalars, Int32(scalars.count), look.attributes,
      look.color == nil ? 0 : Self.pair(style))
  }

  private static func pair(_ style: Style) -> Int32 { Int32(style.rawValue) + 1 }

  /// The next key that waits, or nil.
  package func nextKey() -> Key? {
    while true {
      var event = cterminal_event()
      // SAFETY: one event, as the call wants.
      unsafe cterminal_key(&event)
      if event.kind == Int32(CTERMINAL_NOTHING) { return nil }
      if event.kind == Int32(CTERMINAL_PASTE_BEGIN) { paste = [] }
      if paste != nil {
        if let pasted = gather(event) { return .paste(pasted) }
      } else if let key = Self.key(event) {
        return key
      }
    }
  }

  /// What belongs to a paste; all of it with its end.
  private func gather(_ event: cterminal_event) -> String? {
    if event.kind == Int32(CTERMINAL_PASTE_END) {
      defer { paste = nil }
      var text = String.UnicodeScalarView()
      text.append(contentsOf: paste ?? [])
      return String(text)
    }
    if event.kind == Int32(CTERMINAL_TEXT), let scalar = Unicode.Scalar(event.value),
      (paste?.count ?? 0) < Self.longestPaste
    {
      paste?.append(scalar)
    }
    return nil
  }

  private static func key(_ event: cterminal_event) -> Key? {
    let x = Int(event.x)
    let y = Int(event.y)
    switch Int(event.kind) {
    case CTERMINAL_TEXT: return text(event.value)
    case CTERMINAL_UP: return .up
    case CTERMINAL_DOWN: return .down
    case CTERMINAL_LEFT: return .left
    case CTERMINAL_RIGHT: return .right
    case CTERMINAL_PAGE_UP: return .pageUp
    case CTERMINAL_PAGE_DOWN: return .pageDown
    case CTERMINAL_HOME: return .home
    case CTERMINAL_END: return .end
    case CTERMINAL_BACKSPACE: return .backspace
    case CTERMINAL_DELETE: return .delete
    case CTERMINAL_BACK_TAB: return .backTab
    case CTERMINAL_FUNCTION: return .function(Int(event.value))
    case CTERMINAL_RESIZE: return .resize
    case CTERMINAL_CLICK: return .mouse(x: x, y: y, .click)
    case CTERMINAL_WHEEL_UP: return .mouse(x: x, y: y, .wheelUp)
    case CTERMINAL_WHEEL_DOWN: return .mouse(x: x, y: y, .wheelDown)
    default: return nil
    }
  }

  private static func text(_ value: UInt32) -> Key? {
    switch value {
    case 0x0D, 0x0A: return .enter
    case 0x1B: return .escape
    case 0x09: return .tab
    case 0x7F, 0x08: return .backspace
    default: break
    }
    guard value >= 0x20, let scalar = Unicode.Scalar(value) else { return nil }
    return .character(Character(scalar))
  }
}
