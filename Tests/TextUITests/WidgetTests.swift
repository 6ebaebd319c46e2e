import Testing

@testable import TextUI

@Suite struct WidgetTests {
  private func lines(_ width: Int, _ height: Int, ascii: Bool = false, _ draw: (inout Canvas) -> Void)
    -> [String]
  {
    var canvas = Canvas(Size(width, height), isASCII: ascii)
    draw(&canvas)
    return canvas.lines
  }

  private func expectLines(
    _ expected: [String], _ width: Int, _ height: Int, ascii: Bool = false, _ draw: (inout Canvas) -> Void
  ) {
    let drawn = lines(width, height, ascii: ascii, draw)
    #expect(drawn == expected)
  }

  @Test("a table keeps its most important columns when it gets narrow")
  func table() {
    let table = Table(
      [
        Table.Column("host", width: 4, .left, rank: 3, stretches: true),
        Table.Column("pid", width: 5, rank: 1),
        Table.Column("sockets", width: 7, rank: 2),
      ], rows: [[.init("web-1"), .init("123"), .init("5,000")], [.init("b"), .init("77"), .init("12")]])
    expectLines(
      [
        "host        pid  sockets", "web-1       123    5,000", "b            77       12", "",
      ], 24, 4
    ) { table.draw(on: &$0, in: $0.bounds) }
    expectLines(
      [
        "host   sockets", "web-1    5,000", "b           12",
      ], 14, 3
    ) { table.draw(on: &$0, in: $0.bounds) }
    expectLines(["host", "web…", "b"], 4, 3) { table.draw(on: &$0, in: $0.bounds) }
  }

  @Test("the selected row stays in sight, and the rest is counted")
  func scrolling() {
    let rows = (0..<9).map { [Table.Cell("row \($0)")] }
    let top = Table([Table.Column("x", width: 14, .left)], rows: rows)
    expectLines(["x", "row 0", "row 1", "row 2   6 more"], 14, 4) { top.draw(on: &$0, in: $0.bounds) }
    let low = Table([Table.Column("x", width: 14, .left)], rows: rows, selected: 8)
    expectLines(["x", "row 6", "row 7", "row 8"], 14, 4) { low.draw(on: &$0, in: $0.bounds) }
  }

  @Test(
    "columns take what they like to have from the left, and the rest goes to one",
    arguments: [(8, "a    b"), (11, "a       b"), (13, "a       b"), (20, "a              b")])
  func roomy(_ width: Int, _ line: String) {
    let columns = [
      Table.Column("a", width: 3, roomy: 6, .left, stretches: true),
      Table.Column("b", width: 3, roomy: 5, .left),
    ]
    expectLines([line], width, 1) { Table(columns, rows: []).draw(on: &$0, in: $0.bounds) }
  }

  @Test(
    "a gauge fills in eighths",
    arguments: [
      (0, "░░░░"), (0.25, "█░░░"), (0.5, "██░░"), (0.53, "██▏░"), (1, "████"), (7, "████"), (.nan, "░░░░"),
    ])
  func gauge(_ fraction: Double, _ line: String) {
    expectLines([line], 4, 1) { Gauge(fraction).draw(on: &$0, in: $0.bounds) }
  }

  @Test("parts of a whole share a bar; what is there at all is seen")
  func stacked() {
    let bar = StackedBar([
      .init(900, .good, sign: "a"), .init(1, .bad, sign: "b"), .init(99, .dim, sign: "c"),
    ])
    expectLines(["aaaaaaaaab"], 10, 1, ascii: true) { bar.draw(on: &$0, in: $0.bounds) }
    expectLines([""], 10, 1) { StackedBar([]).draw(on: &$0, in: $0.bounds) }
  }

  @Test("a chart draws two values a cell in braille, newest on the right")
  func chart() {
    let chart = Chart("load", [0, 0, 5, 10])
    let drawn = lines(8, 3) { chart.draw(on: &$0, in: $0.bounds) }
    #expect(drawn[0] == "load  10")
    #expect(drawn[1] == "10     ⢸")
    #expect(drawn[2] == "       ⣿")
    expectLines(["load  10", "10     *", "      **"], 8, 3, ascii: true) {
      chart.draw(on: &$0, in: $0.bounds)
    }
  }

  @Test(
    "the axis ends at a round number",
    arguments: [(0, 1), (3, 5), (10, 10), (11, 20), (999, 1000), (5001, 10_000), (0.03, 0.05), (0.4, 0.5)])
  func ceiling(_ value: Double, _ ceiling: Double) {
    #expect(abs(Chart.ceiling(value) - ceiling) < ceiling * 1e-9)
  }

  @Test("a question stands in the middle, with its keys")
  func dialog() {
    let dialog = Dialog("Drain?", ["Two words."], choices: [("y", "yes"), ("esc", "no")])
    expectLines(
      [
        "   ╭─ Drain? ─────────────╮", "   │ Two words.           │", "   │                      │",
        "   │ y yes   esc no       │", "   ╰──────────────────────╯", "",
      ], 30, 6
    ) { dialog.draw(on: &$0, in: $0.bounds) }
  }

  @Test("typing")
  func textField() {
    var field = TextField("ab")
    for key in [Key.character("c"), .left, .backspace, .character("é"), .home, .delete] {
      let meant = field.take(key)
      #expect(meant)
    }
    #expect(field.text == "éc")
    let meant = field.take(.enter)
    #expect(!meant)
    var full = TextField("abc", limit: 3)
    _ = full.take(.character("d"))
    #expect(full.text == "abc")
  }

  @Test("what is pasted goes in where the cursor is, in one line, as far as there is room")
  func pasting() {
    var field = TextField("ad", limit: 8)
    _ = field.take(.left)
    _ = field.take(.paste("b\nc\u{1B}\u{9B}e\u{301}too much"))
    #expect(field.text == "ab c  ed")
    #expect(field.text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) })
  }

  @Test("hints that have no room are left out, whole")
  func hints() {
    let hints = KeyHints([("a", "one"), ("b", "two"), ("c", "three")])
    #expect(hints.width == 23)
    #expect(hints.fitting(22).map(\.key) == ["a", "b"] && hints.fitting(23).count == 3)
    #expect(hints.fitting(-1).isEmpty && KeyHints([]).width == 0)
  }

  @Test("of many rows only those that are seen are made, and the rest is counted")
  func windows() {
    var made: [Int] = []
    let table = Table([Table.Column("x", width: 14, .left)], count: 10_000, selected: 5000, height: 4) {
      row in
      made.append(row)
      return [Table.Cell("row \(row)")]
    }
    #expect(made == [4998, 4999, 5000])
    expectLines(["x", "row 4998", "row 4999", "row 5000           4,999 more"], 29, 4) {
      table.draw(on: &$0, in: $0.bounds)
    }
    #expect(
      Table.window(of: 0, around: 3, height: 5).isEmpty && Table.window(of: 9, around: nil, height: 0).isEmpty
    )
  }

  @Test(
    "characters that melt into their neighbour keep the cursor within the text",
    arguments: [["e", "\u{301}"], ["🇩", "🇪"], ["👍", "🏽"], ["\u{1100}", "\u{1161}"]] as [[Character]])
  func joining(_ typed: [Character]) {
    var field = TextField()
    for character in typed + ["x"] { _ = field.take(.character(character)) }
    #expect(field.text == String(typed) + "x")
    for _ in 0..<4 { _ = field.take(.backspace) }
    #expect(field.text == "")
  }

  @Test("the cursor is always shown, whatever it stands behind", arguments: 0...7)
  func cursor(_ steps: Int) {
    var field = TextField("漢a字b漢字c")
    for _ in 0..<steps { _ = field.take(.left) }
    for width in 1...9 {
      var canvas = Canvas(Size(width, 1))
      field.draw(on: &canvas, in: canvas.bounds)
      let hasCursor = (0..<width).contains { canvas[$0, 0].style == .key }
      #expect(hasCursor, "\(canvas.lines) of width \(width)")
    }
  }

  @Test("the letter under the cursor is seen; behind the last one, and on a blank, there is a line")
  func underCursor() {
    var field = TextField("a 漢")
    let steps: [(Key, String)] = [(.end, "a 漢_"), (.left, "a 漢"), (.left, "a_漢"), (.left, "a 漢")]
    for (key, line) in steps {
      _ = field.take(key)
      expectLines([line], 6, 1) { field.draw(on: &$0, in: $0.bounds) }
    }
  }

  @Test("no room is said in words")
  func tooSmall() {
    expectLines(
      [
        "Terminal too small:", "20x3, needs 60x16.", "",
      ], 20, 3
    ) { drawTooSmall(on: &$0, needed: Size(60, 16)) }
  }
}

@Suite struct WordsTests {
  @Test("figures for people")
  func figures() {
    let grouped = [0, 999, 1000, 1_234_567, -1000, .min].map { Words.grouped($0) }
    #expect(grouped == ["0", "999", "1,000", "1,234,567", "-1,000", "-9,223,372,036,854,775,808"])
    let short = [0, 9.5, 999, 1000, 12_345, 123_456, 4_560_000, 9.9e11].map { Words.short($0) }
    #expect(short == ["0", "9.5", "999", "1.0k", "12.3k", "123k", "4.6M", "990G"])
    let bytes = [0, 1023, 1024, 4_718_592].map { Words.bytes($0) }
    #expect(bytes == ["0 B", "1023 B", "1.0 KiB", "4.5 MiB"])
    let times = [850, 12_300, 1_250_000].map { Words.time(microseconds: $0) }
    #expect(times == ["850 µs", "12.3 ms", "1.3 s"])
    let durations = [5, 65, 7800, 100_000].map { Words.duration(seconds: $0) }
    #expect(durations == ["5s", "1m 05s", "2h 10m", "1d 3h"])
    #expect(Words.short(.infinity) == "-")
    #expect([999.4, 999.7].map { Words.short($0) } == ["999", "1.0k"])
    #expect(Words.bytes(1023.97 * 1024) == "1.0 MiB")
    #expect(
      [999.7, 99_960, 557_000, 999_600].map { Words.time(microseconds: $0) } == [
        "1.0 ms", "100 ms", "557 ms", "1.0 s",
      ])
  }

  @Test("lines are broken between words, and long words within")
  func wrap() {
    #expect(Words.wrap("one two three", width: 7) == ["one two", "three"])
    #expect(Words.wrap("abcdefgh ij", width: 3) == ["abc", "def", "gh", "ij"])
    #expect(Words.wrap("漢字漢字漢", width: 5) == ["漢字", "漢字", "漢"])
    #expect(Words.wrap("漢字", width: 1) == ["漢", "字"])
    #expect(Words.wrap("", width: 3) == [""])
    #expect(Words.wrap("x", width: 0) == [])
  }
}
