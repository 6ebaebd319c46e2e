import TextUI

/// Every key, and what it does: drawn from where keys are declared.
enum HelpPage {
  private enum Line {
    case heading(String)
    case key(String, String)
    case blank
  }

  private static let lines: [Line] = {
    var lines: [Line] = [.heading("Actions, on every page")]
    lines += Action.allCases.map { .key(String($0.key), "\($0.word): \($0.explanation)") }
    lines += [.blank, .heading("Pages")]
    lines += View.Page.allCases.map { .key(String($0.key), "the \($0.title) page") }
    lines += View.Page.everywhere.map { .key($0.key, $0.explanation) }
    for page in View.Page.allCases where !page.keys.isEmpty {
      lines += [.blank, .heading("On the \(page.title) page")]
      lines += page.keys.map { .key($0.key, "\($0.word): \($0.explanation)") }
    }
    return lines + [.blank, .heading("Every action is a subcommand, too: wsconsole --help")]
  }()

  /// The last line that may be the first in sight.
  static func lastTop(height: Int) -> Int { max(0, lines.count - max(1, height - 2)) }

  static func draw(_ view: View, on canvas: inout Canvas, in area: Rect) {
    let room = Rect(area.x + 1, area.y + 1, area.width - 2, area.height - 2)
    let top = min(view.helpTop, lastTop(height: area.height))
    for (index, line) in lines.dropFirst(top).prefix(room.height).enumerated() {
      let row = room.row(index)
      switch line {
      case .heading(let text): canvas.line(text, .heading, in: row)
      case .key(let key, let text):
        canvas.text(key, .key, x: row.x, y: row.y, in: row)
        canvas.line(text, in: Rect(row.x + 7, row.y, row.width - 7, 1))
      case .blank: continue
      }
    }
    let below = lines.count - top - room.height
    if below > 0 {
      let last = Rect(area.x + 1, area.y + area.height - 1, area.width - 2, 1)
      canvas.line("↓ \(below) more", .dim, in: last, align: .right)
    }
  }
}
