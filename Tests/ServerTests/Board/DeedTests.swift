import EventLoop
import Testing

@testable import Server

@Suite struct DeedTests {
  private let board: Board
  private let word: DeedWord

  init() throws {
    board = try Board(slots: 3)
    word = board.deedWord(of: 1)
  }

  @Test("a deed is one number and the same again", arguments: [0, 1, 63])
  func bits(taker: Int) {
    for state in [Deed.State.none, .offered, .taken, .settled, .withdrawn] {
      let deed = Deed(number: .max, taker: taker, state: state)
      #expect(Deed(bits: deed.bits) == deed)
    }
    #expect(Deed(bits: 0) == Deed(number: 0, taker: 0, state: .none))
    #expect(Deed(bits: 0xFF).state == .withdrawn)
  }

  @Test("taken or withdrawn, whoever comes second has lost", arguments: [true, false])
  func race(takerFirst: Bool) {
    word.offer(1, to: 2)
    #expect(!word.deed.hasGiven(1))
    if takerFirst {
      #expect(word.take(1, by: 2))
      word.withdraw(1)
    } else {
      word.withdraw(1)
      #expect(!word.take(1, by: 2))
    }
    #expect(word.deed.hasGiven(1) == takerFirst)
  }

  @Test("only whom it is offered to can take it, and only that batch")
  func others() {
    word.offer(4, to: 2)
    #expect(!word.take(4, by: 0) && !word.take(3, by: 2) && word.take(4, by: 2) && !word.take(4, by: 2))
  }

  @Test("nothing more is offered until what was taken is settled")
  func order() {
    #expect(word.nextNumber == 1)
    word.offer(1, to: 2)
    #expect(word.nextNumber == nil)
    #expect(word.take(1, by: 2) && word.nextNumber == nil)
    word.settle(1, by: 2)
    #expect(word.nextNumber == 2 && word.deed.hasGiven(1))
    word.offer(2, to: 0)
    word.withdraw(2)
    #expect(word.nextNumber == 3 && !word.deed.hasGiven(2) && !word.deed.hasGiven(1))
  }

  @Test("an heir of either side ends what is only offered, and nothing of others", arguments: 0..<3)
  func heirs(slot: Int) {
    word.offer(1, to: 2)
    board.withdrawDeeds(of: slot)
    #expect(word.deed.state == (slot == 0 ? .offered : .withdrawn))
  }

  @Test("an heir of the taker settles what was taken; nobody else does", arguments: 0..<3)
  func settling(slot: Int) {
    word.offer(1, to: 2)
    #expect(word.take(1, by: 2))
    board.withdrawDeeds(of: slot)
    board.settleDeeds(takenBy: slot)
    #expect(word.deed.state == (slot == 2 ? .settled : .taken))
    #expect(word.deed.hasGiven(1))
  }

  @Test("each slot has a word of its own, behind the counters of all")
  func places() throws {
    for slot in 0..<3 { board.deedWord(of: slot).offer(UInt32(slot) + 7, to: 0) }
    board[2].open = InlineArray(repeating: .max)
    #expect((0..<3).map { board.deedWord(of: $0).deed.number } == [7, 8, 9])
    let large = try Board(slots: 64)
    large.deedWord(of: 63).offer(1, to: 62)
    #expect(large.deedWord(of: 63).deed.taker == 62 && large.deedWord(of: 62).deed.number == 0)
  }
}
