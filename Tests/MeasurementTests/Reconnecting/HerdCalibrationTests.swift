import Bytes
import Testing

@testable import Measurement

@Suite struct HerdCalibrationTests {
  /// A run of the simulated server as a report would tell it.
  private func back(_ clients: Int, _ policy: ReturnPolicy, _ model: ServerModel, seed: UInt64) -> Histogram {
    HerdSimulation.run(clients: clients, policy, on: model, seed: seed).back
  }

  @Test(
    "what a server can do is found again from the times its herd took, whatever the policy and the chance",
    arguments: 0..<9 as Range<UInt64>)
  func found(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let rate = Double(300 + random.next() % 6000)
    let policies: [ReturnPolicy] = [
      .fixed(nanoseconds: 500_000_000), .jitter(ceiling: ReturnPolicy.standardCeiling),
      .fixed(nanoseconds: 2_000_000_000),
    ]
    let policy = policies[Int(seed % 3)]
    let model = ServerModel(acceptsPerSecond: rate, handshake: 2_000_000, queue: 100_000)
    let times = back(1500, policy, model, seed: seed)
    var connect = Histogram()
    for _ in 0..<1500 { connect.record(2_000_000) }
    let calibration = try #require(
      HerdCalibration(
        connect: connect, back: times, policy: policy, base: ServerModel(acceptsPerSecond: 1, queue: 100_000),
        seed: seed &+ 1))
    #expect(calibration.isFull, "seed \(seed)")
    #expect(abs(calibration.model.acceptsPerSecond / rate - 1) < 0.05, "seed \(seed)")
    #expect(abs(Double(calibration.model.handshake) / 2_000_000 - 1) < 0.02, "seed \(seed)")
  }

  @Test("a herd that never filled the server shows what it can do at least, and is known by it")
  func small() throws {
    let model = ServerModel(acceptsPerSecond: 100_000)
    let policy = ReturnPolicy.slots(window: 2_000_000_000)
    let calibration = try #require(
      HerdCalibration(
        connect: Histogram(), back: back(1000, policy, model, seed: 1), policy: policy, base: model, seed: 2))
    #expect(!calibration.isFull)
    #expect((400...600).contains(calibration.model.acceptsPerSecond))
  }

  @Test("a handful of sockets is no herd")
  func few() {
    let model = ServerModel(acceptsPerSecond: 1000)
    let policy = ReturnPolicy.fixed(nanoseconds: 1_000_000_000)
    for count in [0, 49] {
      let calibration = HerdCalibration(
        connect: Histogram(), back: back(count, policy, model, seed: 1), policy: policy, base: model, seed: 1)
      #expect(calibration == nil)
    }
  }

  @Test(
    "the recommended window turns nobody away and leaves the server its share",
    arguments: 0..<9 as Range<UInt64>)
  func advice(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let model = ServerModel(
      acceptsPerSecond: Double(500 + random.next() % 5000), queue: 64, timeout: 1_000_000_000,
      away: random.next() % 2 * 700_000_000)
    let clients = Int(1000 + random.next() % 9000)
    let advice = HerdAdvice(clients: clients, on: model, share: 0.7, seed: seed)
    #expect(advice.outcome.attempts == clients && advice.outcome.stillAway == 0, "seed \(seed)")
    #expect(Double(advice.outcome.herd.peak) <= model.acceptsPerSecond * 0.07 + 2, "seed \(seed)")
    // And no longer than it takes.
    let least = Double(clients) / model.acceptsPerSecond / 0.7 * 1e9
    #expect(Double(advice.window) < least + 100_000_001, "seed \(seed)")
  }
}
