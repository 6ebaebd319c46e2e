import EventLoop
import Glibc
import Testing

@testable import Server

@Suite struct BoardTests {
  private let board: Board

  init() throws { board = try Board(slots: 3) }

  private func adopted(slots: Int = 3) throws(ForeignPages) -> Board {
    try Board(adopting: Descriptor(owning: dup(board.pages.number)), slots: slots)
  }

  /// The first word of its head.
  private var version: PageWord { board.pages.word(at: 1024) }

  @Test(
    "another process finds what is counted, on a board of its layout or the one before", arguments: [0, 1])
  func known(back: UInt64) throws {
    board[2].messagesIn = 77
    board.host.restarts = 5
    version.value = PageLayout.version - back
    let again = try adopted()
    #expect(again[2].messagesIn == 77 && again.host.restarts == 5)
    again.stamp()
    #expect(version.value == PageLayout.version)
  }

  @Test(
    "a board of another layout is refused",
    arguments: [0, PageLayout.version - 2, PageLayout.version + 1, .max])
  func unknown(version: UInt64) {
    self.version.value = version
    #expect(throws: ForeignPages.self) { try adopted() }
  }

  @Test("one wrong bit in its head, or another number of workers, and it is refused")
  func wrongBits() throws {
    for place in stride(from: 1032, to: 1064, by: 8) {
      for bit in 0..<64 {
        board.pages.word(at: place).value ^= 1 << UInt64(bit)
        #expect(throws: ForeignPages.self, "bit \(bit) of the word at \(place)") { try adopted() }
        board.pages.word(at: place).value ^= 1 << UInt64(bit)
      }
    }
    for slots in [-1, 0, 2, 4, 1000, .max] {
      #expect(throws: ForeignPages.self, "\(slots) slots") { try adopted(slots: slots) }
    }
    _ = try adopted()
  }

  @Test("what can be made shorter under our hands is refused")
  func unsealed() {
    let null = unsafe open("/dev/null", O_RDWR | O_CLOEXEC)
    #expect(throws: ForeignPages.self) {
      try Board(adopting: Descriptor(owning: null), slots: 3)
    }
  }
}
