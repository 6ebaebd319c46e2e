import Measurement
import TextUI

/// How often which time occurred, as an SVG drawing: bars over a logarithmic axis, with the percentiles marked.
struct Distribution {
  let title: String
  let histogram: Histogram

  private static let width = 960.0
  private static let height = 180.0
  private static let left = 66.0
  private static let right = 14.0
  private static let bottom = 28.0
  private static let top = 22.0
  private static let bars = 72

  var figure: String {
    "<figure><figcaption>\(Markup.escaped(title))</figcaption>\(svg)</figure>\n"
  }

  private var scale: PlotScale {
    PlotScale(
      .time, logarithmic: true,
      values: [max(0.1, Double(histogram.min) / 1000), max(0.1, Double(histogram.max) / 1000)])
  }

  private var svg: String {
    let scale = scale
    var counts = [UInt64](repeating: 0, count: Self.bars)
    histogram.forEachBucket { values, count in
      let microseconds = Double(values.lowerBound) / 1000
      let place = Int(scale.share(microseconds) * Double(Self.bars))
      counts[min(place, Self.bars - 1)] &+= count
    }
    let most = Double(counts.max() ?? 1)
    let size = "0 0 \(Int(Self.width)) \(Int(Self.height))"
    var svg = "<svg viewBox=\"\(size)\" role=\"img\" aria-label=\"\(Markup.escaped(title))\">\n"
    for tick in scale.ticks {
      svg +=
        "<path class=\"grid\" d=\"M\(x(scale.share(tick))) \(Self.top)V\(Self.height - Self.bottom)\"/>"
        + "<text class=\"tick\" x=\"\(x(scale.share(tick)))\" y=\"\(Self.height - 8)\" text-anchor=\"\(scale.share(tick) > 0.97 ? "end" : "middle")\">"
        + "\(Markup.escaped(Words.time(microseconds: tick)))</text>\n"
    }
    for (place, count) in counts.enumerated() where count > 0 {
      let from = Double(place) / Double(Self.bars)
      // Whatever is there at all is seen.
      let height = max(1, Double(count) / most * (Self.height - Self.top - Self.bottom))
      svg +=
        "<rect class=\"b1\" x=\"\(x(from))\" y=\"\(tenths(Self.height - Self.bottom - height))\" "
        + "width=\"\(tenths((Self.width - Self.left - Self.right) / Double(Self.bars) - 1))\" "
        + "height=\"\(tenths(height))\"><title>\(Words.grouped(Int(clamping: count)))</title></rect>\n"
    }
    for percent in [50, 99, 99.9] {
      let value = Double(histogram.percentile(percent)) / 1000
      let name = percent == 99.9 ? "p99.9" : "p\(Int(percent))"
      svg +=
        "<path class=\"mark\" d=\"M\(x(scale.share(value))) \(Self.top - 6)V\(Self.height - Self.bottom)\"/>"
        + "<text class=\"marked\" x=\"\(x(scale.share(value)))\" y=\"\(Self.top - 9)\" text-anchor=\"middle\">"
        + "\(name)<title>\(Words.time(microseconds: value))</title></text>\n"
    }
    return svg + "</svg>"
  }

  private func x(_ share: Double) -> String {
    tenths(Self.left + share * (Self.width - Self.left - Self.right))
  }

  private func tenths(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }
}
