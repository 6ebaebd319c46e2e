import Testing
import TextUI

@testable import Console

@Suite struct TabsTests {
  @Test(
    "names in full, closer together, shortened, or only keys: never beyond the end, the shown one always in full",
    arguments: View.Page.allCases)
  func lengths(_ page: View.Page) {
    for width in 44...140 {
      let tabs = Tabs(page, from: 1, to: width)
      #expect(tabs.tabs.map(\.page) == View.Page.allCases)
      #expect(tabs.tabs.first { $0.page == page }?.text == " \(page.key) \(page.title) ")
      if width >= 34 { #expect((tabs.tabs.last.map { $0.x + $0.width } ?? 0) <= width) }
    }
  }

  @Test("which page is shown does not change how long the names of the others are")
  func steady() {
    for width in 44...140 {
      let lengths = View.Page.allCases.map { page in
        Tabs(page, from: 1, to: width).tabs.first { $0.page != page && $0.page != .help }?.text.count ?? 0
      }
      #expect(Set(lengths.dropFirst()).count == 1)
    }
  }

  @Test("a click finds the page whose name it hits")
  func clicks() throws {
    var view = try Fleet.view(.overview)
    let drawn = Fleet.lines(view, 130, 24)[0]
    let x = try #require(drawn.firstRange(of: "6 timeline")).lowerBound.utf16Offset(in: drawn)
    #expect(view.steer(.mouse(x: x, y: 0, .click), size: Size(130, 24)) == .done && view.page == .timeline)
    #expect(view.steer(.mouse(x: 129, y: 0, .click), size: Size(130, 24)) == .not)
  }
}
