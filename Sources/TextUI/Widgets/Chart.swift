/// A series over time, newest on the right: braille dots, two values and four steps to a cell; stars where there is
/// only ASCII.
package struct Chart: Equatable, Sendable {
  package var title: String
  /// Oldest first.
  package var values: [Double]
  package var style: Style
  /// How a value is written at the axis.
  package var unit: Unit

  package enum Unit: Equatable, Sendable { case count, bytes, microseconds }

  package init(_ title: String, _ values: [Double], _ style: Style = .accent, unit: Unit = .count) {
    self.title = title
    self.values = values
    self.style = style
    self.unit = unit
  }

  package func draw(on canvas: inout Canvas, in area: Rect) {
    guard area.width >= 4, area.height >= 2 else { return }
    let top = area.row(0)
    let current = values.last ?? 0
    canvas.text(title, .heading, x: top.x, y: top.y, in: top)
    canvas.line(label(current), style, in: top, align: .right)
    let plot = Rect(area.x, area.y + 1, area.width, area.height - 1)
    let perCell = canvas.isASCII ? 1 : 2
    let shown = Array(values.suffix(plot.width * perCell)).map { $0.isFinite ? max(0, $0) : 0 }
    let ceiling = Self.ceiling(shown.max() ?? 0)
    let heights = shown.map { height($0, ceiling, plot.height * (canvas.isASCII ? 1 : 4)) }
    let missing = plot.width * perCell - heights.count
    for column in 0..<plot.width {
      for row in 0..<plot.height {
        let scalar =
          canvas.isASCII
          ? star(heights, column - missing, plot.height - row)
          : braille(heights, column * 2 - missing, (plot.height - row) * 4)
        if let scalar { canvas.set(scalar, style, plot.x + column, plot.y + row) }
      }
    }
    canvas.text(label(ceiling), .dim, x: plot.x, y: plot.y, in: plot)
  }

  private func height(_ value: Double, _ ceiling: Double, _ steps: Int) -> Int {
    guard ceiling > 0, value > 0 else { return 0 }
    return max(1, Int((value / ceiling * Double(steps)).rounded()))
  }

  private func star(_ heights: [Int], _ index: Int, _ level: Int) -> Unicode.Scalar? {
    heights.indices.contains(index) && heights[index] >= level ? "*" : nil
  }

  /// The cell whose top step is `level`: dots from the bottom up, for two neighbouring values.
  private func braille(_ heights: [Int], _ index: Int, _ level: Int) -> Unicode.Scalar? {
    let left: [UInt32] = [0x40, 0x04, 0x02, 0x01]
    let right: [UInt32] = [0x80, 0x20, 0x10, 0x08]
    var dots: UInt32 = 0
    for (offset, column) in [left, right].enumerated() where heights.indices.contains(index + offset) {
      let filled = min(4, max(0, heights[index + offset] - (level - 4)))
      for step in 0..<filled { dots |= column[step] }
    }
    return dots == 0 ? nil : Unicode.Scalar(0x2800 + dots)
  }

  private func label(_ value: Double) -> String {
    switch unit {
    case .count: Words.short(value)
    case .bytes: Words.bytes(value)
    case .microseconds: Words.time(microseconds: value)
    }
  }

  /// The next round number: 1, 2 or 5 times a power of ten, so that the axis stands still.
  static func ceiling(_ value: Double) -> Double {
    guard value > 0 else { return 1 }
    var power = 1.0
    while power * 10 <= value { power *= 10 }
    while power > value, power > 1e-9 { power /= 10 }
    return [1, 2, 5, 10].map { $0 * power }.first { $0 >= value } ?? value
  }
}
