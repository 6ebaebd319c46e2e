import Testing
import TextUI

@testable import Terminal

@Suite struct ThemeTests {
  @Test("a terminal gets no colour that it has not", arguments: [Theme.Depth.mono, .basic, .rich])
  func depth(_ depth: Theme.Depth) {
    let colors: Int32 =
      switch depth {
      case .mono: 0
      case .basic: 8
      case .rich: 256
      }
    for style in Style.allCases {
      let color = Theme(depth: depth).look(of: style).color
      #expect(color.map { $0 >= 0 && $0 < colors } ?? true)
    }
  }

  @Test(
    "what is chosen, bad or a warning is seen without colours, too",
    arguments: [Style.selected, .bad, .warning])
  func mono(_ style: Style) {
    let theme = Theme(depth: .mono)
    #expect(theme.look(of: style) != theme.look(of: .normal))
  }
}
