import Testing

@testable import TextUI

@Suite struct CanvasTests {
  @Test("text is cut at the edges of its area, and never drawn outside")
  func clipping() {
    var canvas = Canvas(Size(10, 3))
    canvas.text("hello world", x: 2, y: 1, in: Rect(2, 1, 5, 1))
    canvas.text("above", x: 0, y: -1, in: canvas.bounds)
    canvas.text("below", x: 0, y: 3, in: canvas.bounds)
    canvas.text("left", x: -2, y: 0, in: canvas.bounds)
    #expect(canvas.lines == ["ft", "  hello", ""])
  }

  @Test(
    "a line that has no room ends in a sign that it has not",
    arguments: [("hello", "hello"), ("hello!", "hell…"), ("日本語", "日本…"), ("日本語x", "日本…")])
  func cut(_ text: String, _ drawn: String) {
    for align in [Alignment.left, .center, .right] {
      var canvas = Canvas(Size(9, 1))
      canvas.line(text, in: Rect(0, 0, 5, 1), align: align)
      #expect(canvas.lines[0].drop { $0 == " " } == drawn)
    }
  }

  @Test(
    "phrases that have no room end in a sign, too",
    arguments: [
      (12, "one  two  go"), (11, "one  two  …"), (10, "one  two …"), (8, "one  tw…"), (5, "one …"), (1, "…"),
      (0, ""),
    ])
  func phrases(_ width: Int, _ drawn: String) {
    var canvas = Canvas(Size(20, 1))
    canvas.phrases([("one", .normal), ("two", .good), ("go", .dim)], in: Rect(0, 0, width, 1))
    #expect(canvas.lines == [drawn])
  }

  @Test("a wide character takes two cells or none")
  func wide() {
    var canvas = Canvas(Size(5, 2))
    canvas.text("日本語", x: 0, y: 0, in: canvas.bounds)
    canvas.text("a🛰b", x: 0, y: 1, in: canvas.bounds)
    #expect(canvas.lines == ["日本", "a🛰b"])
    #expect(canvas[1, 0].scalar == Canvas.continuation)
  }

  @Test("half a wide character is a blank, and its row stays as wide as it was", arguments: 0..<12)
  func halves(_ x: Int) {
    var canvas = Canvas(Size(12, 1))
    canvas.text("ab漢字ｱ漢字xy", x: 0, y: 0, in: canvas.bounds)
    canvas.fill(Rect(x, 0, 3, 1), "#")
    let width = displayWidth(canvas.lines[0])
    #expect(width == 12, "\(canvas.lines)")
  }

  @Test("a wide character half out at the left is a blank")
  func leftEdge() {
    var canvas = Canvas(Size(6, 1))
    canvas.text("漢xyz", x: -1, y: 0, in: canvas.bounds)
    #expect(canvas.lines == [" xyz"])
    canvas.fill(canvas.bounds, "~")
    canvas.text("漢x", x: 1, y: 0, in: Rect(2, 0, 3, 1))
    #expect(canvas.lines == ["~~ x~~"])
  }

  @Test(
    "text takes as many cells as it was measured to take",
    arguments: [
      "\u{1B}[2Jx", "a\u{200B}\u{202E}b", "e\u{301}\u{302}f", "日本\u{FE0F}x", "\u{1100}\u{1161}\u{11A8}z",
      "\u{600}y", "\n\t",
      "👍\u{200D}👍",
    ])
  func measured(_ text: String) {
    var canvas = Canvas(Size(20, 1))
    let drawn = canvas.text(text, x: 0, y: 0, in: canvas.bounds)
    #expect(drawn == displayWidth(text))
  }

  @Test("what could steer a terminal never gets into a cell")
  func hostile() {
    var canvas = Canvas(Size(20, 1))
    canvas.text("a\u{1B}[2Jb\u{7}\u{202E}c\u{9B}d", x: 0, y: 0, in: canvas.bounds)
    for x in 0..<20 {
      let value = canvas[x, 0].scalar.value
      #expect(value >= 0x20 && value != 0x7F && !(0x80..<0xA0).contains(value) && value != 0x202E)
    }
  }

  @Test("where there is only ASCII, lines and words still read")
  func ascii() {
    var canvas = Canvas(Size(8, 3), isASCII: true)
    canvas.frame(canvas.bounds)
    canvas.line("→ µs", in: Rect(2, 1, 5, 1))
    #expect(canvas.lines == ["+------+", "| > us |", "+------+"])
  }

  @Test("a frame carries its title")
  func frame() {
    var canvas = Canvas(Size(12, 3))
    canvas.frame(canvas.bounds, title: "hi")
    #expect(canvas.lines == ["╭─ hi ─────╮", "│          │", "╰──────────╯"])
  }

  @Test("a canvas of no size can be drawn on", arguments: [Size(0, 0), Size(1, 1), Size(-3, 5)])
  func empty(_ size: Size) {
    var canvas = Canvas(size)
    canvas.frame(canvas.bounds, title: "x")
    canvas.line("abc", in: canvas.bounds, align: .center)
    Gauge(0.5).draw(on: &canvas, in: canvas.bounds)
    Chart("c", [1, 2]).draw(on: &canvas, in: canvas.bounds)
    Table([Table.Column("a", width: 3)], rows: [[Table.Cell("b")]]).draw(on: &canvas, in: canvas.bounds)
    #expect(canvas.lines.count == size.height)
  }

  @Test("no widget draws outside its rectangle", arguments: 0..<40)
  func confinement(_ number: Int) {
    let area = Rect(5, 4, number % 13, number / 4 % 7)
    for widget in 0..<6 {
      var canvas = Canvas(Size(30, 16))
      canvas.fill(canvas.bounds, "~")
      draw(widget, on: &canvas, in: area)
      for y in 0..<16 {
        for x in 0..<30
        where x < area.x || x >= area.x + area.width || y < area.y || y >= area.y + area.height {
          #expect(canvas[x, y].scalar == "~", "widget \(widget) in \(area) drew at \(x), \(y)")
        }
      }
    }
  }

  private func draw(_ widget: Int, on canvas: inout Canvas, in area: Rect) {
    switch widget {
    case 0: Gauge(0.7).draw(on: &canvas, in: area)
    case 1: StackedBar([.init(3, .good, sign: "a"), .init(1, .bad, sign: "b")]).draw(on: &canvas, in: area)
    case 2: Chart("a title", (0..<50).map { Double($0 % 9) }).draw(on: &canvas, in: area)
    case 3:
      let columns = [
        Table.Column("name", width: 8, .left, rank: 2, stretches: true), Table.Column("n", width: 4),
      ]
      let rows = (0..<9).map { [Table.Cell("row number \($0)"), Table.Cell("\($0)")] }
      Table(columns, rows: rows, selected: 7).draw(on: &canvas, in: area)
    case 4:
      Dialog("A question?", ["Some words that have to be wrapped"], choices: [("y", "yes")]).draw(
        on: &canvas, in: area)
    default: KeyHints([("a", "first"), ("b", "second")]).draw(on: &canvas, in: area.row(0))
    }
  }
}

@Suite struct GeometryTests {
  @Test("fixed parts first, shares divide the rest, nothing is lost")
  func split() {
    let parts = Rect(0, 0, 80, 24).rows(.fixed(1), .share(1), .share(2), .fixed(3))
    #expect(parts.map(\.height) == [1, 6, 14, 3])
    #expect(parts.map(\.y) == [0, 1, 7, 21])
    #expect(Rect(0, 0, 5, 2).rows(.fixed(1), .share(1), .fixed(3)).map(\.height) == [1, 0, 1])
    #expect(Rect(2, 3, 9, 1).columns(.share(1), .share(1)).map(\.width) == [4, 5])
  }

  @Test("what does not fit is cut, never negative")
  func negative() {
    #expect(Rect(0, 0, 1, 1).inset(3).isEmpty)
    #expect(Rect(0, 0, 10, 2).row(5).isEmpty)
    #expect(Rect(0, 0, 10, 4).centered(Size(20, 2)) == Rect(0, 1, 10, 2))
  }
}

@Suite struct CharacterWidthTests {
  @Test(
    "cells of a text",
    arguments: [
      ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日", 2), ("🛰", 1), ("🚀", 2), ("a\u{200B}b", 3), ("", 0),
      ("ﾊ", 1), ("\u{17000}", 2), ("─⣿", 2),
    ])
  func widths(_ text: String, _ width: Int) { #expect(displayWidth(text) == width) }
}
