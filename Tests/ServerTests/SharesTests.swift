import Testing

@testable import Server

@Suite struct SharesTests {
  @Test(
    "every closing goes to a worker that has the socket",
    arguments: [
      (count: 0, open: [5, 5], shares: [0, 0]),
      (count: 4, open: [10, 10], shares: [2, 2]),
      (count: 3, open: [10, 10], shares: [2, 1]),
      (count: 5, open: [1, 9], shares: [1, 4]),
      (count: 100, open: [3, 4], shares: [3, 4]),
      (count: 7, open: [0, 0], shares: [0, 0]),
      (count: -1, open: [3], shares: [0]),
      (count: .max, open: [3, 0, 2], shares: [3, 0, 2]),
    ])
  func split(_ example: (count: Int, open: [Int], shares: [Int])) {
    #expect(Shares.split(example.count, over: example.open) == example.shares)
  }

  @Test("the parts sum to what was asked for, and none is more than there is")
  func sums() {
    for count in 0...60 {
      for first in [0, 1, 7, 20] {
        let open = [first, 13, 2, 0, 9]
        let shares = Shares.split(count, over: open)
        #expect(shares.reduce(0, +) == min(count, open.reduce(0, +)))
        #expect(zip(shares, open).allSatisfy { $0 <= $1 && $0 >= 0 })
      }
    }
  }
}
