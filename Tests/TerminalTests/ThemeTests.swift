import Testing
import TextUI

@testable import Terminal

@Suite struct ThemeTests {
  @Test("without colours every meaning that matters still differs from plain text")
  func mono() {
    let theme = Theme(depth: .mono)
    for style in Style.allCases { #expect(theme.look(of: style).color == nil) }
    for style in [Style.bad, .selected, .title, .warning, .key, .dim] {
      #expect(theme.look(of: style) != theme.look(of: .normal))
    }
  }

  @Test("good, warning and bad never look the same", arguments: [Theme.Depth.basic, .rich])
  func colors(_ depth: Theme.Depth) {
    let theme = Theme(depth: depth)
    let looks = [Style.good, .warning, .bad].map { theme.look(of: $0).color }
    #expect(Set(looks).count == 3)
    for style in Style.allCases {
      if let color = theme.look(of: style).color { #expect(color < (depth == .rich ? 256 : 8)) }
    }
  }

  @Test("without a terminal it says what else to do")
  func noTerminal() {
    // Under the test runner standard input is no terminal.
    #expect(throws: Terminal.Failure.noTerminal) { try Terminal(withColor: true) }
  }
}
