import FleetState
import Testing
import TextUI

@testable import Console

@Suite struct ComposerTests {
  private func typed(_ keys: [Key]) -> (Composer, Composer.Outcome) {
    var composer = Composer()
    var outcome = Composer.Outcome.writing
    for key in keys { outcome = composer.take(key) }
    return (composer, outcome)
  }

  @Test("a line is written with every editing key, and given to all halls")
  func writing() {
    let keys: [Key] = [
      .character("b"), .character("ü"), .character("漢"), .left, .backspace, .home, .character("a"), .end,
      .character("!"), .left, .delete, .enter,
    ]
    #expect(typed(keys).1 == .given("ab漢", .all))
  }

  @Test("what is pasted is text, its line ends do not send it")
  func pasting() {
    let (composer, outcome) = typed([.character("a"), .paste("1\ny\t2\r\n"), .character("z")])
    #expect(outcome == .writing && composer.field.text == "a1 y 2  z")
  }

  @Test("halls are chosen one by one; to none of them, and without a word, nothing is sent")
  func halls() {
    let choosing: [Key] = [.character("x"), .tab, .character(" "), .right, .right, .character(" "), .enter]
    #expect(typed(choosing).1 == .given("x", [Halls(.chat), Halls(.tasks)]))
    let all: [Key] = [.character(" "), .right]
    #expect(typed([.character("x"), .tab] + all + all + all + all + [.enter]).1 == .writing)
    #expect(typed([.enter]).1 == .writing)
    #expect(
      typed([.tab, .left, .character(" "), .tab, .character("k"), .enter]).1
        == .given("k", Halls(rawValue: 7)))
  }

  @Test("esc leaves it, and no other key means anything else meanwhile")
  func leaving() {
    #expect(typed([.character("q"), .escape]).1 == .dropped)
    #expect(typed([.character("q"), .function(1), .up, .pageDown]).0.field.text == "q")
  }
}
