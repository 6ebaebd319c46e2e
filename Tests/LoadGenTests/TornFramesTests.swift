import Bytes
import Measurement
import Testing

@testable import LoadGen

@Suite struct TornFramesTests {
  @Test("rests leave in the order they are due, each to its socket, and none before its time")
  func order() {
    var torn = TornFrames()
    for (socket, due): (Int, UInt64) in [(1, 30), (2, 10), (3, 20), (4, 20)] {
      torn.keep([UInt8(socket)], of: socket, until: due)
    }
    #expect(torn.due == 10)
    #expect(torn.take(dueBy: 9) == nil)
    var taken: [Int] = []
    while let (socket, rest) = torn.take(dueBy: 20) {
      #expect(rest == [UInt8(socket)])
      taken.append(socket)
    }
    #expect(taken.first == 2 && Set(taken) == [2, 3, 4])
    #expect(torn.due == 30)
    #expect(torn.holds(1) && !torn.holds(2))
  }

  @Test("what a socket says meanwhile leaves behind the rest")
  func behind() {
    var torn = TornFrames()
    torn.keep([1, 2], of: 7, until: 5)
    torn.append([3], behind: 7)
    torn.append([4, 5], behind: 7)
    torn.append([9], behind: 8)
    let taken = torn.take(dueBy: 5)
    #expect(taken?.socket == 7 && taken?.rest == [1, 2, 3, 4, 5])
    #expect(torn.due == nil && !torn.holds(7) && !torn.holds(8))
  }

  @Test("a socket that ends takes its rest along, and its place is free again")
  func ends() {
    var torn = TornFrames()
    torn.keep([1], of: 1, until: 5)
    torn.keep([2], of: 2, until: 6)
    #expect(torn.take(of: 3) == nil)
    #expect(torn.take(of: 1) == [1])
    #expect(torn.due == 6)
    torn.keep([3], of: 1, until: 9)
    #expect(torn.take(dueBy: 100)?.rest == [2])
    #expect(torn.take(dueBy: 100)?.rest == [3])
    #expect(torn.take(dueBy: 100) == nil)
  }

  @Test(
    "whatever happens in whatever order, each byte leaves once, in order, per socket",
    arguments: 1...30 as ClosedRange<UInt64>)
  func anyOrder(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var torn = TornFrames()
    var said: [Int: [UInt8]] = [:]
    var left: [Int: [UInt8]] = [:]
    var now: UInt64 = 0
    for step in 0..<500 {
      let socket = Int.random(in: 0..<8, using: &random)
      let byte = UInt8(truncatingIfNeeded: step)
      switch Int.random(in: 0..<4, using: &random) {
      case 0 where !torn.holds(socket):
        torn.keep([byte], of: socket, until: now + UInt64.random(in: 1...20, using: &random))
        said[socket, default: []].append(byte)
      case 1 where torn.holds(socket):
        torn.append([byte], behind: socket)
        said[socket, default: []].append(byte)
      case 2: if let rest = torn.take(of: socket) { left[socket, default: []] += rest }
      default:
        now += 3
        var previous: UInt64 = 0
        while let due = torn.due, let (owner, rest) = torn.take(dueBy: now) {
          #expect(due >= previous && due <= now, "seed \(seed)")
          previous = due
          left[owner, default: []] += rest
        }
      }
    }
    while let (owner, rest) = torn.take(dueBy: .max) { left[owner, default: []] += rest }
    #expect(left == said, "seed \(seed)")
  }
}
