import TextUI

/// The names of the pages in the first line: in full where there is room, then closer together, else shortened, else only
/// their keys. The shown page always has its name.
struct Tabs {
  struct Tab {
    let page: View.Page
    let text: String
    let x: Int
    let width: Int
  }

  private(set) var tabs: [Tab] = []
  /// Where the last one ends.
  private(set) var end = 0

  /// How much of a name is shown, and whether there are blanks around it.
  private struct Style {
    var length = Int.max
    var isRoomy = false
  }

  private static let styles = [Style(isRoomy: true), Style(), Style(length: 4), Style(length: 0)]

  /// Between `start` and `end` of a row. Whichever page is shown, the names are as long.
  init(_ page: View.Page, from start: Int, to end: Int) {
    let widest = View.Page.allCases.max { $0.title.count < $1.title.count } ?? page
    for style in Self.styles {
      arrange(widest, from: start, style)
      if self.end > end + 1, style.length > 0 { continue }
      arrange(page, from: start, style)
      return
    }
  }

  private mutating func arrange(_ shown: View.Page, from start: Int, _ style: Style) {
    tabs = []
    end = start
    for page in View.Page.allCases {
      let title = page == shown ? page.title : String(page.title.prefix(style.length))
      let words = title.isEmpty ? "\(page.key)" : "\(page.key) \(title)"
      let text = style.isRoomy || page == shown ? " \(words) " : words
      let width = displayWidth(text)
      tabs.append(Tab(page: page, text: text, x: end, width: width))
      end += width + 1
    }
  }

  func page(at x: Int) -> View.Page? { tabs.first { x >= $0.x && x < $0.x + $0.width }?.page }

  func draw(_ shown: View.Page, on canvas: inout Canvas, in row: Rect) {
    for tab in tabs {
      canvas.text(tab.text, tab.page == shown ? .selected : .dim, x: tab.x, y: row.y, in: row)
    }
  }
}
