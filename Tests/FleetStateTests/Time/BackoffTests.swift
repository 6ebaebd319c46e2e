import Bytes
import Testing

@testable import FleetState

@Suite struct BackoffTests {
  @Test("waits stay below a ceiling that doubles up to its end, and above the least", arguments: 0..<100)
  func ceilings(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var backoff = Backoff.crashes
    for ceiling in [200, 400, 800, 1600, 3200, 6400, 10_000, 10_000] {
      let wait = backoff.next(using: &random)
      #expect(wait >= .milliseconds(100) && wait <= .milliseconds(ceiling), "seed \(seed)")
    }
  }

  @Test("full jitter uses the whole range")
  func spread() {
    var random = SplitMix64(seed: 1)
    let waits = (0..<1000).map { _ in
      var backoff = Backoff.reconnect
      return backoff.next(using: &random)
    }
    #expect(waits.contains { $0 < .milliseconds(5) } && waits.contains { $0 > .milliseconds(45) })
  }

  @Test("a success starts it anew, and a thousand failures do no harm")
  func reset() {
    var random = SplitMix64(seed: 2)
    var backoff = Backoff.reconnect
    for _ in 0..<1000 { _ = backoff.next(using: &random) }
    #expect(backoff.next(using: &random) <= .seconds(5))
    backoff.reset()
    #expect(backoff.next(using: &random) <= .milliseconds(50))
  }
}
