import Bytes
import Testing

@testable import Server

@Suite struct CrossingTests {
  private typealias Effect = Crossing.Effect

  private func open(heldUp: Int = 0, heldDown: Int = 0) -> Crossing {
    var crossing = Crossing()
    _ = crossing.shaken()
    crossing.called()
    crossing.heldUp = heldUp
    crossing.heldDown = heldDown
    return crossing
  }

  @Test("hands are shaken once, then a worker is called, then both are heard")
  func opening() {
    var crossing = Crossing()
    #expect(crossing.hearsClient && !crossing.hearsWorker && crossing.patience == .seconds(10))
    #expect(crossing.shaken() == .call)
    #expect(crossing.shaken() == nil && crossing.phase == .calling && !crossing.hearsWorker)
    crossing.called()
    #expect(crossing.phase == .open && crossing.hearsClient && crossing.hearsWorker)
    #expect(crossing.patience == nil && crossing.settle() == nil)
  }

  @Test("a side that takes nothing silences the other one, up to a bound and no further")
  func backPressure() {
    #expect(open(heldUp: Crossing.most).hearsClient)
    #expect(!open(heldUp: Crossing.most + 1).hearsClient && open(heldUp: Crossing.most + 1).hearsWorker)
    #expect(open(heldDown: Crossing.most).hearsWorker)
    #expect(!open(heldDown: Crossing.most + 1).hearsWorker && open(heldDown: Crossing.most + 1).hearsClient)
    #expect(!open(heldDown: Crossing.mostUnread + 1).hearsClient)
  }

  @Test("a client that has ended its side is answered until the worker ends, too")
  func clientFirst() {
    var crossing = open(heldUp: 5)
    #expect(crossing.clientEnded() == nil)
    #expect(crossing.settle() == nil && !crossing.hearsClient, "what it said last is on its way")
    crossing.heldUp = 0
    #expect(crossing.settle() == .shutWorker)
    #expect(crossing.settle() == nil && crossing.hearsWorker)
    #expect(crossing.workerEnded() == .dropWorker(reset: false))
    #expect(crossing.settle() == .close && crossing.phase == .over)
  }

  @Test("what a worker said last reaches the client before the end, and the client's end is awaited")
  func workerFirst() {
    var crossing = open(heldDown: 5)
    #expect(crossing.workerEnded() == .dropWorker(reset: false))
    #expect(crossing.settle() == nil && crossing.patience == .seconds(10))
    #expect(crossing.hearsClient && !crossing.isHeeded)
    crossing.heldDown = 0
    #expect(crossing.settle() == .shutClient)
    #expect(crossing.phase == .lingering && crossing.patience == .seconds(2) && crossing.settle() == nil)
    #expect(crossing.clientEnded() == .close)
  }

  @Test("who breaks off breaks off the other, at every point of the way")
  func breaking() {
    for broken in [Crossing(), open()] {
      var crossing = broken
      #expect(crossing.clientBroke() == .reset && crossing.phase == .over)
      #expect(crossing.clientBroke() == nil)
    }
    var calling = Crossing()
    _ = calling.shaken()
    #expect(calling.workerBroke() == .reset)
    var served = open()
    #expect(served.workerBroke() == .reset)
    var leaving = open(heldDown: 1)
    _ = leaving.workerEnded()
    #expect(leaving.workerBroke() == nil, "it had said all it had to say")
    #expect(leaving.clientBroke() == .reset)
  }

  @Test("TLS that fails ends the worker's connection by a reset, after the client was told why")
  func refusing() {
    var early = Crossing()
    #expect(early.refused() == nil && early.settle() == .shutClient)
    var late = open(heldDown: 7)
    #expect(late.refused() == .dropWorker(reset: true) && late.settle() == nil)
    late.heldDown = 0
    #expect(late.settle() == .shutClient)
  }

  @Test("patience ends a slow handshake, a worker that does not come, a client that does not take its last")
  func patience() {
    var shaking = Crossing()
    #expect(shaking.expired() == .close)
    var calling = Crossing()
    _ = calling.shaken()
    #expect(calling.expired() == .reset)
    var served = open()
    #expect(served.expired() == nil && served.phase == .open)
    var leaving = open(heldDown: 1)
    _ = leaving.workerEnded()
    #expect(leaving.expired() == .reset)
    var lingering = open()
    _ = lingering.workerEnded()
    _ = lingering.settle()
    #expect(lingering.expired() == .close)
  }

  @Test(
    "whatever happens in whatever order: it ends once, and a worker is dropped at most once",
    arguments: 0..<64)
  func anyOrder(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for _ in 0..<200 {
      var crossing = Crossing()
      var effects: [Effect] = []
      for _ in 0..<24 {
        crossing.heldUp = Bool.random(using: &random) ? 0 : 9
        crossing.heldDown = Bool.random(using: &random) ? 0 : 9
        let effect: Effect? =
          switch UInt8.random(in: 0..<9, using: &random) {
          case 0: crossing.shaken()
          case 1: crossing.refused()
          case 2: crossing.clientEnded()
          case 3: crossing.clientBroke()
          case 4: crossing.workerEnded()
          case 5: crossing.workerBroke()
          case 6: crossing.expired()
          case 7: crossing.settle()
          default: nil
          }
        crossing.called()
        if let effect { effects.append(effect) }
        if crossing.phase == .over { #expect(!crossing.hearsClient && !crossing.hearsWorker) }
      }
      let ends = effects.indices.filter { effects[$0] == .close || effects[$0] == .reset }
      #expect(
        ends.count <= 1 && (ends.first ?? effects.count - 1) == effects.count - 1, "seed \(seed): \(effects)")
      let drops = effects.count { $0 == .dropWorker(reset: true) || $0 == .dropWorker(reset: false) }
      #expect(drops <= 1 && effects.count { $0 == .call } <= 1, "seed \(seed): \(effects)")
    }
  }
}
