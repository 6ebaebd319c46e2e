import Bytes
import Testing

@testable import FleetState

/// A host that does what a roll says, and to which anything may happen: the promises hold whatever it is.
@Suite("Whatever happens during a roll") struct RollPromiseTests {
  private enum Worker: Equatable { case old, new }

  /// What the world looks like to somebody who only obeys effects.
  private struct Host {
    var workers: [Worker]
    var successor: (slot: Int, way: RollWay, hasSlot: Bool)?
    var outcome: RollOutcome?

    mutating func obey(_ effects: [Roll.Effect], _ note: Comment) {
      for effect in effects {
        #expect(outcome == nil, note)
        switch effect {
        case .start(let slot, let way):
          #expect(successor == nil, "one successor at a time, \(note)")
          #expect(workers[slot] == (way == .forward ? .old : .new), note)
          successor = (slot, way, false)
        case .handOver(let slot): #expect(successor?.slot == slot, note)
        case .retire(let slot):
          #expect(successor?.slot == slot && successor?.hasSlot == true, "the old one goes last, \(note)")
          workers[slot] = successor?.way == .back ? .old : .new
          successor = nil
        case .abandon(let slot):
          #expect(successor?.slot == slot, note)
          successor = nil
        case .finish(let end): outcome = end
        }
      }
    }
  }

  @Test("one successor at a time, the old one goes last, and it ends as it says", arguments: 0..<1500)
  func anything(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let count = Int.random(in: 1...5, using: &random)
    var roll = Roll()
    var host = Host(workers: Array(repeating: .old, count: count))
    var now = Duration.zero
    let note: Comment = "seed \(seed)"
    host.obey(
      try roll.begin(
        .upgrade, slots: Array(0..<count), sockets: 9, canGoBack: Bool.random(using: &random), at: now),
      note)
    let trouble = Int.random(in: 0...40, using: &random)
    var steps = 0
    while host.outcome == nil, steps < 20_000 {
      steps += 1
      now += .milliseconds(Int.random(in: 0...400, using: &random))
      let isTrouble = Int.random(in: 0..<400, using: &random) < trouble
      host.obey(
        isTrouble ? disturb(&roll, count, at: now, &random) : serve(&roll, &host, at: now, &random), note)
      if host.outcome == nil { host.obey(roll.tick(at: now), note) }
      let progress = try #require(roll.progress(at: now))
      #expect(RollProgress(progress.text)?.text == progress.text, note)
      for slot in 0..<count where progress.state(of: slot) != .inWork {
        #expect(
          (progress.state(of: slot) == .replaced) == (host.workers[slot] == .new), "\(progress.text), \(note)"
        )
      }
    }
    switch try #require(host.outcome) {
    case .done: #expect(host.workers.allSatisfy { $0 == .new }, note)
    case .takenBack: #expect(host.workers.allSatisfy { $0 == .old }, note)
    case .stopped(let reason):
      #expect(!reason.isEmpty, note)
      let replaced = host.workers.prefix { $0 == .new }.count
      #expect(host.workers.dropFirst(replaced).allSatisfy { $0 == .old }, "in order, \(note)")
    }
    #expect(host.successor == nil && !roll.isRolling && roll.deadline == nil, note)
  }

  /// The next good thing.
  private func serve(
    _ roll: inout Roll, _ host: inout Host, at now: Duration, _ random: inout SplitMix64
  ) -> [Roll.Effect] {
    switch (roll.progress(at: now)?.phase, host.successor) {
    case (.preparing, let successor?): return roll.successorReady(successor.slot, at: now)
    case (.handover, let successor?):
      host.successor?.hasSlot = true
      return roll.tookOver(successor.slot, sockets: 3, freezeMicros: 50, at: now)
    case (.proving, let successor?): return roll.healthy(successor.slot, at: now)
    case (.waiting, _): return roll.healthy(Int.random(in: host.workers.indices, using: &random), at: now)
    case (.paused, _): return (try? roll.proceed(at: now)) ?? []
    case (_, _): return []
    }
  }

  /// A bad thing.
  private func disturb(
    _ roll: inout Roll, _ count: Int, at now: Duration, _ random: inout SplitMix64
  ) -> [Roll.Effect] {
    let slot = Int.random(in: 0..<count, using: &random)
    switch Int.random(in: 0..<60, using: &random) {
    case 0..<9: return roll.successorFailed(slot, reason: "exit 1", at: now)
    case 9..<18: return roll.unhealthy(slot, reason: "slow", at: now)
    case 18..<27: return roll.workerLost(slot, at: now)
    case 27..<36:
      try? roll.pause(by: "ada")
      return []
    case 36..<45: return (try? roll.takeBack(at: now)) ?? []
    case 45: return roll.giveWay(reason: "a drain", at: now)
    case _: return []
    }
  }
}
