import Testing
import TextUI

@testable import Console

@Suite struct SelectionTests {
  @Test("the chosen one stays chosen while the list changes around it, and its row when it goes")
  func renewal() {
    var list = ["a", "b", "c"]
    var selection = Selection<String>()
    selection.choose(1, of: list.count) { list[$0] }
    list = ["x", "y", "a", "b"]
    selection.renew(list.count, { list.firstIndex(of: $0) }, at: { list[$0] })
    #expect(selection.row == 3)
    list = ["x", "y"]
    selection.renew(list.count, { list.firstIndex(of: $0) }, at: { list[$0] })
    #expect(selection.row == 1)
    list = []
    selection.renew(list.count, { list.firstIndex(of: $0) }, at: { list[$0] })
    #expect(selection.row == 0)
  }

  @Test(
    "keys lead where they say",
    arguments: [
      (Key.up, 4), (.down, 6), (.pageUp, 1), (.pageDown, 9), (.home, 0), (.end, 99),
    ])
  func keys(_ key: Key, _ row: Int) {
    var selection = Selection<Int>()
    selection.choose(5, of: 100) { $0 }
    #expect(selection.target(of: key, count: 100, height: 5) == row)
    #expect(selection.target(of: .enter, count: 100, height: 5) == nil)
  }
}
