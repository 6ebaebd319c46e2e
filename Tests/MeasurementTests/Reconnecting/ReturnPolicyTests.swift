import Bytes
import Testing

@testable import Measurement

@Suite struct ReturnPolicyTests {
  private func read(_ text: String) -> ReturnPolicy? {
    ReturnPolicy(text, duration: { UInt64($0).map { $0 * 1_000_000_000 } })
  }

  @Test("a policy is read from its words, and from no others")
  func reading() {
    #expect(read("fixed:2") == .fixed(nanoseconds: 2_000_000_000))
    #expect(read("jitter") == .jitter(ceiling: ReturnPolicy.standardCeiling))
    #expect(read("jitter:30") == .jitter(ceiling: 30_000_000_000))
    #expect(read("slots:7") == .slots(window: 7_000_000_000))
    for text in [
      "", "fixed", "fixed:", "fixed:0", "jitter:", "jitter:x", "slots", "slots:0", "none", "Jitter",
      "fixed:1:2",
    ] {
      #expect(read(text) == nil, "\(text)")
    }
  }

  @Test("jitter lies under a ceiling that doubles up to its own", arguments: [0, 1, 2, 5, 6, 7, 100, .max])
  func ceiling(_ attempt: Int) {
    var random = SplitMix64(seed: 3)
    let ceiling = min(5000, 100 << min(attempt, 6)) as UInt64
    var most: UInt64 = 0
    for _ in 0..<2000 {
      let pause =
        ReturnPolicy.jitter(ceiling: 5_000_000_000).pause(attempt: attempt, place: 0, &random) / 1_000_000
      #expect((1...ceiling).contains(pause))
      most = max(most, pause)
    }
    #expect(most > ceiling * 9 / 10)
  }

  @Test("slots follow each other evenly; who has missed its own comes back by chance")
  func slots() {
    var random = SplitMix64(seed: 3)
    let policy = ReturnPolicy.slots(window: 1000)
    let pauses = (0..<10).map { policy.pause(attempt: 0, place: Double($0) / 10, &random) }
    #expect(pauses == [0, 100, 200, 300, 400, 500, 600, 700, 800, 900])
    #expect(policy.pause(attempt: 1, place: 0.5, &random) >= 1_000_000)
  }
}
