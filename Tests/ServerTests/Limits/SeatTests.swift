import EventLoop
import FleetState
import Testing

@testable import Server

@Suite struct SeatTests {
  @Test("the last seat is given away once, also while another worker is about to take it")
  func lastSeat() throws {
    let board = try Board(slots: 3)
    board[0].open[Int(Hall.ws.rawValue)] = 4
    board[1].open[Int(Hall.chat.rawValue)] = 5
    #expect(board.claimSeat(2, most: 10))
    #expect(!board.claimSeat(0, most: 10))
    #expect(board[0].claims == 0)
    board[2].open[Int(Hall.ws.rawValue)] = 1
    board[2].claims = 0
    #expect(!board.claimSeat(1, most: 10))
    board[1].open[Int(Hall.chat.rawValue)] = 4
    #expect(board.claimSeat(1, most: 10))
  }

  @Test("whoever follows a worker that died in the middle of a claim begins without it")
  func deadClaim() throws {
    let board = try Board(slots: 1)
    #expect(board.claimSeat(0, most: 1))
    board[0].begin(pid: 1, generation: 2)
    #expect(board.claimSeat(0, most: 1))
  }

  @Test(
    "each worker gives back its part, and all parts together are enough",
    arguments: [([100, 200, 700], 600), ([1, 1, 1], 1), ([0, 5, 0], 1), ([10, 10], 25), ([3, 3, 3], 0)])
  func shares(_ held: [Int], _ most: Int) {
    let all = held.reduce(0, +)
    let parts = held.map { Eviction.share(own: $0, all: all, most: most) }
    #expect(all - parts.reduce(0, +) <= most)
    #expect(zip(parts, held).allSatisfy { $0 <= $1 })
    if all <= most { #expect(parts.allSatisfy { $0 == 0 }) }
  }
}
