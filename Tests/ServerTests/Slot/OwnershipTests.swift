import EventLoop
import Testing

@testable import Server

@Suite struct OwnershipTests {
  private let pages: SharedPages
  private let owner: Ownership

  init() throws {
    pages = try SharedPages(name: "test-owner", byteCount: 4096)
    owner = Ownership(word: pages.word(at: 0))
    owner.claim(1)
  }

  @Test("an offer is taken by whom it was made to, once")
  func offered() {
    owner.offer(to: 2)
    #expect(!owner.take(3) && owner.take(2) && !owner.take(2))
    #expect(owner.value == 2)
  }

  @Test("taken or taken back, whoever comes second has lost", arguments: [true, false])
  func race(takerFirst: Bool) {
    owner.offer(to: 2)
    if takerFirst {
      #expect(owner.take(2) && !owner.takeBack(from: 2, by: 1))
    } else {
      #expect(owner.takeBack(from: 2, by: 1) && !owner.take(2))
    }
    #expect(owner.value == (takerFirst ? 2 : 1))
  }

  @Test("what is not offered is not taken")
  func unasked() { #expect(!owner.take(2) && !owner.takeBack(from: 2, by: 1) && owner.value == 1) }

  @Test("of two standbys one inherits, from the dead alone")
  func heirs() {
    #expect(!owner.inherit(from: 7, by: 8))
    #expect(owner.inherit(from: 1, by: 8) && !owner.inherit(from: 1, by: 9))
    #expect(owner.value == 8)
  }

  @Test("a slot whose worker dies between offer and answer is taken or inherited, not both")
  func orphaned() {
    owner.offer(to: 2)
    #expect(owner.inherit(from: 1, by: 3) && !owner.take(2) && owner.value == 3)
    owner.offer(to: 4)
    #expect(owner.take(4) && !owner.inherit(from: 3, by: 5) && owner.value == 4)
  }
}
