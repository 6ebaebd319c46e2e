/// A bar that is filled as far as something has come, in eighths of a cell.
package struct Gauge: Equatable, Sendable {
  package var fraction: Double
  package var style: Style

  package init(_ fraction: Double, _ style: Style = .bar) {
    self.fraction = fraction.isFinite ? min(max(fraction, 0), 1) : 0
    self.style = style
  }

  private static let eighths: [Unicode.Scalar] = [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

  package func draw(on canvas: inout Canvas, in area: Rect) {
    guard !area.isEmpty else { return }
    let steps = Int((fraction * Double(area.width * 8)).rounded())
    for y in area.y..<area.y + area.height {
      for column in 0..<area.width {
        let filled = min(8, max(0, steps - column * 8))
        let scalar: Unicode.Scalar =
          if canvas.isASCII { filled >= 4 ? "#" : "." } else if filled == 8 { "█" } else if filled == 0 {
            "░"
          } else {
            Self.eighths[filled]
          }
        canvas.set(scalar, filled == 0 ? .dim : style, area.x + column, y)
      }
    }
  }
}

/// Several parts of a whole in one bar, each with its own style and sign.
package struct StackedBar: Equatable, Sendable {
  package struct Part: Equatable, Sendable {
    package var count: Int
    package var style: Style
    package var sign: Unicode.Scalar

    package init(_ count: Int, _ style: Style, sign: Unicode.Scalar) {
      self.count = max(0, count)
      self.style = style
      self.sign = sign
    }
  }

  package var parts: [Part]

  package init(_ parts: [Part]) { self.parts = parts }

  package func draw(on canvas: inout Canvas, in area: Rect) {
    let total = parts.reduce(0.0) { $0 + Double($1.count) }
    guard !area.isEmpty, total > 0 else { return }
    var before = 0.0
    var x = area.x
    for part in parts {
      before += Double(part.count)
      // Anything at all is worth one cell.
      var end = area.x + Int((before / total * Double(area.width)).rounded())
      if part.count > 0 { end = max(end, min(x + 1, area.x + area.width)) }
      while x < end {
        for y in area.y..<area.y + area.height {
          canvas.set(canvas.isASCII ? part.sign : "█", part.style, x, y)
        }
        x += 1
      }
    }
  }
}
