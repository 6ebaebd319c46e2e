import Bytes
import Testing

@testable import Measurement

@Suite struct HerdSimulationTests {
  private let second: UInt64 = 1_000_000_000

  private func run(_ clients: Int, _ policy: ReturnPolicy, _ model: ServerModel, seed: UInt64 = 1)
    -> HerdSimulation.Outcome
  { HerdSimulation.run(clients: clients, policy, on: model, seed: seed) }

  @Test("who all come at one moment are served one after another: the line can be computed by hand")
  func line() {
    let model = ServerModel(acceptsPerSecond: 1000, handshake: 1_000_000, queue: 100_000)
    let outcome = run(2000, .fixed(nanoseconds: second), model)
    #expect(outcome.attempts == 2000 && outcome.refused == 0 && outcome.timedOut == 0)
    #expect(outcome.back.min >= second && outcome.back.min <= second + 2_000_000)
    #expect(outcome.back.max >= 3 * second - 1_000_000 && outcome.back.max <= 3 * second)
    let middle = outcome.back.percentile(50)
    #expect(abs(Double(middle) / Double(2 * second) - 1) < 0.02)
    #expect(outcome.herd.bins.dropFirst(11).dropLast(1).allSatisfy { $0 == 100 })
  }

  @Test(
    "nobody is lost or counted twice, whatever the policy and however bad the server",
    arguments: 0..<100 as Range<UInt64>)
  func balance(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    func upTo(_ most: UInt64) -> UInt64 { 1 + random.next() % most }
    let model = ServerModel(
      acceptsPerSecond: Double(50 + upTo(5000)), handshake: upTo(5_000_000), queue: Int(upTo(500)),
      overflow: random.next() % 2 == 0 ? .drop : .refuse, timeout: 100_000_000 + upTo(5 * second),
      away: random.next() % 3 == 0 ? upTo(3 * second) : 0)
    let policies: [ReturnPolicy] = [
      .fixed(nanoseconds: 100_000_000 + upTo(second)), .jitter(ceiling: 100_000_000 + upTo(20 * second)),
      .slots(window: upTo(10 * second)),
    ]
    let policy = policies[Int(random.next() % 3)]
    let clients = Int(upTo(600))
    let outcome = run(clients, policy, model, seed: seed)
    let back = Int(outcome.back.count)
    #expect(back + outcome.stillAway == clients, "seed \(seed)")
    #expect(outcome.herd.bins.reduce(0, +) + outcome.herd.beyond == back, "seed \(seed)")
    // Each attempt ends in one way, but for those that were under way at the end.
    #expect(outcome.attempts - outcome.refused - outcome.timedOut - back <= outcome.stillAway, "seed \(seed)")
    #expect(back == 0 || outcome.back.min >= min(model.away, outcome.back.max), "seed \(seed)")
    // No faster than the server can.
    let span = Double(outcome.back.max - outcome.back.min) / 1e9
    #expect(span >= Double(back - 1) / model.acceptsPerSecond * 0.98, "seed \(seed)")
    let again = run(clients, policy, model, seed: seed)
    #expect(again == outcome, "seed \(seed)")
  }

  @Test("while nobody is there all are refused; a fixed pause brings them back together")
  func away() {
    let model = ServerModel(acceptsPerSecond: 100_000, away: 2_500_000_000)
    let outcome = run(100, .fixed(nanoseconds: second), model)
    #expect(outcome.refused == 200 && outcome.attempts == 300)
    #expect(outcome.herd.bins.firstIndex { $0 > 0 } == 30 && outcome.herd.peak == 100)
  }

  @Test("who finds the line full is heard when the kernel tries again, or is refused")
  func full() {
    var model = ServerModel(acceptsPerSecond: 1000, queue: 100, timeout: 60 * second)
    let dropped = run(1000, .fixed(nanoseconds: second), model)
    #expect(dropped.unheard > 800 && dropped.refused == 0)
    #expect(dropped.attempts == 1000 + dropped.timedOut)
    model.overflow = .refuse
    let refused = run(1000, .fixed(nanoseconds: second), model)
    #expect(refused.refused > 800 && refused.unheard == 0 && refused.attempts == 1000 + refused.refused)
  }

  @Test("a line longer than clients wait for is work for nobody: all attempts time out, and few come back")
  func collapse() {
    let model = ServerModel(acceptsPerSecond: 200, queue: 1_000_000, timeout: second)
    let policy = ReturnPolicy.fixed(nanoseconds: 100_000_000)
    let outcome = run(2000, policy, model)
    #expect(outcome.isHopeless && outcome.stillAway > 1000)
    let onAndOn = HerdSimulation.run(
      clients: 2000, policy, on: model, seed: 1, endsWhenCertain: false, mostKnocks: 150_000)
    #expect(onAndOn.timedOut > 100_000 && onAndOn.stillAway == outcome.stillAway)
    #expect(outcome.timedOut == outcome.attempts - Int(outcome.back.count))
    let spread = run(2000, .slots(window: 15 * second), model)
    #expect(spread.timedOut == 0 && spread.attempts == 2000 && spread.stillAway == 0)
    #expect(!spread.isHopeless)
  }

  @Test("when it says that nobody gets in any more, nobody does", arguments: 0..<30 as Range<UInt64>)
  func certain(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    func upTo(_ most: UInt64) -> UInt64 { 1 + random.next() % most }
    // Around where it turns: the line is served in about twice the time for which a client waits.
    let timeout = 100_000_000 + upTo(2 * second)
    let queue = 20 + upTo(200)
    let model = ServerModel(
      acceptsPerSecond: Double(queue) / (Double(timeout) / 1e9) / (0.5 + Double(upTo(400)) / 100),
      queue: Int(queue), overflow: random.next() % 2 == 0 ? .drop : .refuse, timeout: timeout,
      away: random.next() % 3 == 0 ? upTo(3 * second) : 0)
    let policies: [ReturnPolicy] = [
      .fixed(nanoseconds: 10_000_000 + upTo(second)), .jitter(ceiling: 10_000_000 + upTo(2 * second)),
      .slots(window: upTo(10 * second)),
    ]
    let (policy, clients) = (policies[Int(random.next() % 3)], Int(upTo(400)))
    let outcomes = [true, false].map {
      HerdSimulation.run(
        clients: clients, policy, on: model, seed: seed, endsWhenCertain: $0, mostKnocks: 50_000)
    }
    let (outcome, onAndOn) = (outcomes[0], outcomes[1])
    #expect(onAndOn.back == outcome.back && onAndOn.herd == outcome.herd, "seed \(seed)")
    #expect(onAndOn.stillAway == outcome.stillAway && !onAndOn.isHopeless, "seed \(seed)")
  }

  @Test("a herd that has no chance costs no more than to see that")
  func hopeless() {
    let model = ServerModel(acceptsPerSecond: 1)
    for policy in [ReturnPolicy.fixed(nanoseconds: second), .jitter(ceiling: 5 * second)] {
      let outcome = run(100_000, policy, model)
      #expect(outcome.isHopeless && outcome.back.count == 10 && outcome.attempts < 300_000)
    }
  }

  @Test("attempts at a server that is away are as many as there are, however long and often")
  func farAway() {
    let model = ServerModel(acceptsPerSecond: 100_000, away: 3000 * second)
    let often = run(20_000, .fixed(nanoseconds: 1_000_000), model)
    #expect(often.refused == 20_000 * 2_999_999 && often.stillAway == 0)
    #expect(often.back.min >= 3000 * second)
    let jitter = run(100, .jitter(ceiling: second), model)
    // On average half a second each.
    #expect(abs(Double(jitter.refused) / 600_000 - 1) < 0.02 && jitter.stillAway == 0)
  }
}
