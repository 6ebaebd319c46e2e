import Measurement
import Testing

@testable import LoadGen

@Suite struct PlotTests {
  private func plot(_ values: [Double?], logarithmic: Bool = false) -> Plot {
    Plot(
      title: "T", isLogarithmic: logarithmic, step: 1, series: [.init(name: "a", color: 1, values: values)])
  }

  @Test(
    "steps are round numbers",
    arguments: [(1, 4, 0.5), (100, 4, 50), (4000, 4, 1000), (20, 8, 5), (0, 4, 5e-10)])
  func round(_ most: Double, _ parts: Int, _ step: Double) {
    #expect(abs(PlotScale.roundStep(most, parts: parts) / step - 1) < 1e-9)
  }

  @Test("a scale begins at zero, or at a power of ten, and ends above all there is")
  func scale() {
    let linear = PlotScale(.count, logarithmic: false, values: [3, 390])
    #expect(linear.ticks == [0, 100, 200, 300, 400] && linear.share(0) == 0 && linear.share(400) == 1)
    let logarithmic = PlotScale(.time, logarithmic: true, values: [130, 9000])
    #expect(logarithmic.ticks.map { $0.rounded() } == [100, 200, 500, 1000, 2000, 5000, 10000])
    #expect(abs(logarithmic.share(1000) - 0.5) < 1e-9 && logarithmic.share(1) == 0)
    #expect(PlotScale(.count, logarithmic: true, values: []).ticks.count > 1)
  }

  @Test("where nothing was measured the line breaks, and what stands alone is a dot")
  func gaps() {
    #expect(
      plot([1, 2, nil, 2]).figure.contains(
        "<path class=\"line c1\" d=\"M176 117h0L396 22M836 22h0\"/>"))
  }

  @Test(
    "any number can be drawn",
    arguments: [[0], [], [nil], [.infinity, 1], [1e-300], [1e300], [-5, 3]] as [[Double?]])
  func extremes(_ values: [Double?]) throws {
    for logarithmic in [false, true] {
      let figure = plot(values, logarithmic: logarithmic).figure
      #expect(try wellFormed(figure))
      #expect(!figure.contains("nan") && !figure.contains("inf\""))
    }
  }

  @Test("moments are told as people say them")
  func moments() {
    #expect([0, 2.5, 0.25, 179, 185].map(Plot.seconds) == ["0 s", "2.5 s", "0.25 s", "179 s", "3m 05s"])
  }
}
