import TextUI

/// Figures over a run's time as an SVG drawing: lines or stacked bars, with restarts marked, and the values of a moment
/// under the pointer. Pure text; colours are the page's.
struct Plot {
  struct Series {
    let name: String
    /// Which of the page's colours.
    let color: Int
    /// Oldest first; nil where nothing was measured.
    let values: [Double?]
    var isDashed = false
  }

  struct Mark {
    /// Seconds of the run.
    let at: Double
    let until: Double?
    let label: String
  }

  enum Form { case lines, bars }

  let title: String
  var note = ""
  var unit = PlotScale.Unit.count
  var isLogarithmic = false
  var form = Form.lines
  /// Seconds between two values, and of the first.
  var step: Double
  var start = 0.0
  let series: [Series]
  var marks: [Mark] = []
  /// Asked for, and drawn as a line across.
  var target: Double?

  private static let width = 960.0
  private static let height = 240.0
  private static let frame = (left: 66.0, right: 14.0, top: 22.0, bottom: 28.0)

  /// The drawing with its title and what its colours mean.
  var figure: String {
    let keys = series.map { line in
      "<span class=\"key\"><i class=\"b\(line.color)\"></i>\(Markup.escaped(line.name))</span>"
    }
    let legend = series.count > 1 || form == .bars ? "<p class=\"legend\">\(keys.joined())</p>" : ""
    let remark = note.isEmpty ? "" : "<p class=\"note\">\(Markup.escaped(note))</p>"
    return "<figure><figcaption>\(Markup.escaped(title))</figcaption>\(legend)\(svg)\(remark)</figure>\n"
  }

  private var count: Int { series.map(\.values.count).max() ?? 0 }
  private var span: Double { max(step, Double(count) * step) }

  private var scale: PlotScale {
    var values = form == .bars ? (0..<count).map(sum) : series.flatMap { $0.values.compactMap { $0 } }
    if let target { values.append(target) }
    return PlotScale(unit, logarithmic: isLogarithmic, values: values)
  }

  private func sum(at place: Int) -> Double {
    series.reduce(0) { $0 + (place < $1.values.count ? $1.values[place] ?? 0 : 0) }
  }

  private var svg: String {
    let scale = scale
    let size = "0 0 \(Int(Self.width)) \(Int(Self.height))"
    var svg = "<svg viewBox=\"\(size)\" role=\"img\" aria-label=\"\(Markup.escaped(title))\">\n"
    svg += grid(scale) + timeAxis + marked
    switch form {
    case .lines: svg += series.map { path($0, scale) }.joined() + pointed
    case .bars: svg += bars(scale)
    }
    return svg + "</svg>"
  }

  // MARK: Places

  private func x(_ seconds: Double) -> Double {
    let room = Self.width - Self.frame.left - Self.frame.right
    return Self.frame.left + min(max((seconds - start) / span, 0), 1) * room
  }

  private func y(_ value: Double, _ scale: PlotScale) -> Double {
    let room = Self.height - Self.frame.top - Self.frame.bottom
    return Self.height - Self.frame.bottom - scale.share(value) * room
  }

  /// To a tenth: the eye sees no more.
  private func place(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }

  // MARK: Axes

  private func grid(_ scale: PlotScale) -> String {
    var svg = ""
    for tick in scale.ticks {
      let height = place(y(tick, scale))
      svg +=
        "<path class=\"grid\" d=\"M\(place(Self.frame.left)) \(height)H\(place(Self.width - Self.frame.right))\"/>"
        + "<text class=\"tick\" x=\"\(place(Self.frame.left - 8))\" y=\"\(height)\" dy=\"4\" "
        + "text-anchor=\"end\">\(Markup.escaped(scale.unit.words(tick)))</text>\n"
    }
    if let target {
      let height = place(y(target, scale))
      svg +=
        "<path class=\"target\" d=\"M\(place(Self.frame.left)) \(height)H\(place(Self.width - Self.frame.right))\"/>\n"
    }
    return svg
  }

  private var timeAxis: String {
    let step = PlotScale.roundStep(span, parts: 8)
    var svg = ""
    var tick = (start / step).rounded(.up) * step
    while tick <= start + span * 1.0001 {
      svg +=
        "<text class=\"tick\" x=\"\(place(x(tick)))\" y=\"\(place(Self.height - 8))\" text-anchor=\"middle\">"
        + "\(Self.seconds(tick))</text>\n"
      tick += step
    }
    return svg
  }

  private var marked: String {
    marks.map { mark in
      let from = x(mark.at)
      let until = mark.until.map { x($0) } ?? from
      let bottom = place(Self.height - Self.frame.bottom)
      let isRight = from > Self.width * 0.8
      return "<rect class=\"during\" x=\"\(place(from))\" y=\"\(place(Self.frame.top))\" "
        + "width=\"\(place(max(0, until - from)))\" "
        + "height=\"\(place(Self.height - Self.frame.top - Self.frame.bottom))\"/>"
        + "<path class=\"mark\" d=\"M\(place(from)) \(place(Self.frame.top - 6))V\(bottom)\"/>"
        + "<text class=\"marked\" x=\"\(place(from + (isRight ? -4 : 4)))\" y=\"\(place(Self.frame.top - 8))\" "
        + "text-anchor=\"\(isRight ? "end" : "start")\">\(Markup.escaped(mark.label))</text>\n"
    }.joined()
  }

  // MARK: Values

  private func middle(_ place: Int) -> Double { start + (Double(place) + 0.5) * step }

  /// Where nothing was measured the line breaks; what stands alone is a dot.
  private func path(_ series: Series, _ scale: PlotScale) -> String {
    var path = ""
    var isDrawing = false
    for (index, value) in series.values.enumerated() {
      guard let value else {
        isDrawing = false
        continue
      }
      path += "\(isDrawing ? "L" : "M")\(place(x(middle(index)))) \(place(y(value, scale)))"
      if !isDrawing { path += "h0" }
      isDrawing = true
    }
    let dash = series.isDashed ? " dashed" : ""
    return "<path class=\"line c\(series.color)\(dash)\" d=\"\(path)\"/>\n"
  }

  private func bars(_ scale: PlotScale) -> String {
    let width = max(1, (Self.width - Self.frame.left - Self.frame.right) / Double(max(1, count)) - 0.5)
    var svg = ""
    for index in 0..<count where sum(at: index) > 0 {
      var base = 0.0
      for line in series where index < line.values.count {
        guard let value = line.values[index], value > 0 else { continue }
        let top = y(base + value, scale)
        svg +=
          "<rect class=\"b\(line.color)\" x=\"\(place(x(start + Double(index) * step)))\" y=\"\(place(top))\" "
          + "width=\"\(place(width))\" height=\"\(place(y(base, scale) - top))\"><title>\(words(at: index))</title></rect>\n"
        base += value
      }
    }
    return svg
  }

  /// What the pointer finds: a strip of each moment that nobody sees.
  private var pointed: String {
    let width = place((Self.width - Self.frame.left - Self.frame.right) / Double(max(1, count)))
    let height = place(Self.height - Self.frame.top - Self.frame.bottom)
    return (0..<count).map { index in
      "<rect class=\"strip\" x=\"\(place(x(start + Double(index) * step)))\" y=\"\(place(Self.frame.top))\" "
        + "width=\"\(width)\" height=\"\(height)\"><title>\(words(at: index))</title></rect>\n"
    }.joined()
  }

  private func words(at index: Int) -> String {
    let parts = series.compactMap { line -> String? in
      guard index < line.values.count, let value = line.values[index] else { return nil }
      return "\(line.name) \(unit.words(value))"
    }
    let moment = Self.seconds(start + Double(index) * step)
    return Markup.escaped("\(moment): \(parts.isEmpty ? "nothing" : parts.joined(separator: ", "))")
  }

  /// `2.5 s`, and above three minutes `4m 05s`.
  static func seconds(_ value: Double) -> String {
    let value = min(max(value, 0), 1e9)
    if value >= 180 { return Words.duration(seconds: Int(value.rounded())) }
    let hundredths = Int((value * 100).rounded())
    let (whole, part) = (hundredths / 100, hundredths % 100)
    if part == 0 { return "\(whole) s" }
    return part % 10 == 0 ? "\(whole).\(part / 10) s" : "\(whole).\(part < 10 ? "0" : "")\(part) s"
  }
}
