import Bytes
import Testing

@testable import RedisClient

@Suite struct WaitingLineTests {
  @Test("it is first in, first out, like an array would be", arguments: 0..<50)
  func order(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var line = WaitingLine<Int>()
    var oracle: [Int] = []
    var differs = false
    for number in 0..<2000 {
      if Int.random(in: 0..<5, using: &random) < (number < 1000 ? 3 : 2) {
        line.append(number)
        oracle.append(number)
      } else {
        differs = differs || line.popFirst() != (oracle.isEmpty ? nil : oracle.removeFirst())
      }
      differs = differs || line.count != oracle.count || line.first != oracle.first
    }
    #expect(!differs, "seed \(seed)")
    #expect(line.popAll() == oracle && line.isEmpty && line.popFirst() == nil)
  }
}
