import Testing
import TextUI

@testable import Console

@Suite struct InspectionTests {
  private func lines(_ inspection: Inspection, _ width: Int, _ height: Int) -> [String] {
    var canvas = Canvas(Size(width, height), isASCII: true)
    inspection.draw(on: &canvas, in: canvas.bounds)
    return canvas.lines
  }

  @Test("facts stand in two columns, long ones go on below")
  func columns() {
    let inspection = Inspection("client ada", [("hall", "clients"), ("text", "one two three four five six")])
    #expect(
      lines(inspection, 28, 8) == [
        "+- client ada -------------+", "| hall  clients            |", "| text  one two three four |",
        "|       five six           |", "|                          |", "| esc back                 |",
        "+--------------------------+", "",
      ])
  }

  @Test("what has no room is counted")
  func tooMuch() {
    let facts = (0..<30).map { (name: "\($0)", value: "x") }
    let drawn = lines(Inspection("t", facts), 30, 9)
    #expect(drawn[5].hasPrefix("| 4   x"))
    #expect(drawn[7].hasPrefix("| esc back") && drawn[7].hasSuffix("25 lines more |"))
  }

  @Test("it can be drawn at any size", arguments: [(0, 0), (1, 1), (5, 3), (40, 2)])
  func anySize(_ width: Int, _ height: Int) {
    let drawn = lines(Inspection("a long title", [("name", "a value with words")]), width, height)
    #expect(drawn.count == height)
  }
}
