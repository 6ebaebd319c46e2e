import Testing

@testable import FleetState

@Suite struct RollTests {
  /// A roll over four workers with 400 sockets that began at second 100.
  private func begun(
    _ kind: RollKind = .reload, slots: [Int] = [0, 1, 2, 3], canGoBack: Bool = true
  ) throws -> Roll {
    var roll = Roll()
    let effects = try roll.begin(kind, slots: slots, sockets: 400, canGoBack: canGoBack, at: .seconds(100))
    #expect(effects == [.start(slot: slots[0], .forward)])
    return roll
  }

  /// Brings the slot in work to its proof; what it says at the end.
  private func replace(
    _ slot: Int, in roll: inout Roll, at now: inout Duration, sockets: Int = 100, freezeMicros: Int = 8000
  ) -> [Roll.Effect] {
    now += .milliseconds(500)
    #expect(roll.successorReady(slot, at: now) == [.handOver(slot: slot)])
    now += .milliseconds(10)
    #expect(roll.tookOver(slot, sockets: sockets, freezeMicros: freezeMicros, at: now) == [])
    #expect(roll.healthy(slot, at: now) == [])
    now += .milliseconds(200)
    return roll.healthy(slot, at: now)
  }

  private func phase(_ roll: Roll) -> RollPhase? { roll.progress(at: .seconds(100))?.phase }

  // MARK: All is well

  @Test("one worker after another, and the old one goes only after the proof")
  func whole() throws {
    var roll = try begun(slots: [0, 1])
    var now = Duration.seconds(100)
    #expect(replace(0, in: &roll, at: &now) == [.retire(slot: 0), .start(slot: 1, .forward)])
    #expect(
      replace(1, in: &roll, at: &now, sockets: 150, freezeMicros: 9000) == [.retire(slot: 1), .finish(.done)])
    let end = try #require(roll.progress(at: .seconds(900)))
    #expect(end.phase == .done && end.done == 2 && end.of == 2 && end.slot == nil)
    #expect(end.handed == 250 && end.longestFreezeMicros == 9000)
    #expect(end.latest == Handover(sockets: 150, freezeMicros: 9000))
    #expect(end.spent == .milliseconds(1420))
    #expect(!roll.isRolling && roll.deadline == nil)
    #expect(throws: Roll.Refusal.nothingRolls) { try roll.takeBack(at: now) }
  }

  @Test("the phases of one worker")
  func phases() throws {
    var roll = try begun()
    #expect(phase(roll) == .preparing)
    _ = roll.successorReady(0, at: .seconds(101))
    #expect(phase(roll) == .handover)
    _ = roll.tookOver(0, sockets: 1, freezeMicros: 1, at: .seconds(101))
    #expect(phase(roll) == .proving)
  }

  @Test("slots are taken in order and once each, and nobody is no roll")
  func slots() throws {
    var roll = Roll()
    #expect(throws: Roll.Refusal.nobodyToReplace) {
      try roll.begin(.roll, slots: [], sockets: 0, canGoBack: false, at: .zero)
    }
    let effects = try roll.begin(.roll, slots: [3, 1, 3], sockets: -5, canGoBack: false, at: .zero)
    #expect(effects == [.start(slot: 1, .forward)])
    #expect(roll.progress(at: .zero)?.of == 2)
    #expect(roll.progress(at: .zero)?.sockets == 0)
    #expect(throws: Roll.Refusal.alreadyRolling) {
      try roll.begin(.roll, slots: [0], sockets: 0, canGoBack: false, at: .zero)
    }
  }

  @Test("the canary counts from the first good word, and one good word alone is no proof")
  func canary() throws {
    var roll = try begun()
    _ = roll.successorReady(0, at: .seconds(101))
    _ = roll.tookOver(0, sockets: 1, freezeMicros: 1, at: .seconds(101))
    #expect(roll.healthy(0, at: .milliseconds(101_500)) == [])
    #expect(roll.tick(at: .milliseconds(102_500)) == [])
    #expect(roll.healthy(0, at: .milliseconds(101_699)) == [])
    #expect(roll.healthy(0, at: .milliseconds(101_700)) == [.retire(slot: 0), .start(slot: 1, .forward)])
  }

  @Test("a successor that took over before it was told to has taken over")
  func unasked() throws {
    var roll = try begun()
    #expect(roll.tookOver(0, sockets: 7, freezeMicros: 3, at: .seconds(101)) == [])
    #expect(phase(roll) == .proving)
    #expect(roll.successorReady(0, at: .seconds(101)) == [])
    #expect(roll.tookOver(0, sockets: 7, freezeMicros: 3, at: .seconds(101)) == [])
    #expect(roll.progress(at: .seconds(101))?.handed == 7, "said twice, counted once")
  }

  @Test("words about other slots, or too late, change nothing")
  func strangers() throws {
    var roll = try begun()
    let before = roll
    #expect(roll.successorReady(1, at: .seconds(101)) == [])
    #expect(roll.successorFailed(2, reason: "no", at: .seconds(101)) == [])
    #expect(roll.tookOver(3, sockets: 1, freezeMicros: 1, at: .seconds(101)) == [])
    #expect(roll.healthy(0, at: .seconds(101)) == [])
    #expect(roll.unhealthy(0, reason: "no", at: .seconds(101)) == [])
    #expect(roll == before)
  }

  // MARK: A bad successor

  @Test("a successor that is not ready in time ends the roll, the others untouched")
  func notReady() throws {
    var roll = try begun()
    #expect(roll.deadline == .seconds(110))
    #expect(roll.tick(at: .milliseconds(109_999)) == [])
    #expect(
      roll.tick(at: .seconds(110)) == [
        .abandon(slot: 0), .finish(.stopped(reason: "worker 0: not ready within 10 s")),
      ])
    let end = try #require(roll.progress(at: .seconds(500)))
    #expect(end.phase == .stopped && end.slot == 0 && end.done == 0 && end.spent == .seconds(10))
    #expect(roll.tick(at: .seconds(111)) == [])
  }

  @Test("one that does not take over, or is never healthy, is abandoned, too")
  func stuck() throws {
    var roll = try begun()
    _ = roll.successorReady(0, at: .seconds(101))
    var other = roll
    #expect(
      roll.tick(at: .seconds(103)) == [
        .abandon(slot: 0), .finish(.stopped(reason: "worker 0: did not take over within 2 s")),
      ])
    _ = other.tookOver(0, sockets: 9, freezeMicros: 100, at: .seconds(102))
    #expect(
      other.tick(at: .seconds(107)) == [
        .abandon(slot: 0), .finish(.stopped(reason: "worker 0: not healthy within 5 s")),
      ])
  }

  @Test("what a bad successor says of itself is the reason")
  func failed() throws {
    var roll = try begun()
    var now = Duration.seconds(100)
    _ = replace(0, in: &roll, at: &now)
    var sick = roll
    #expect(
      roll.successorFailed(1, reason: "exit 2", at: now) == [
        .abandon(slot: 1), .finish(.stopped(reason: "worker 1: exit 2")),
      ])
    #expect(roll.progress(at: now)?.done == 1)
    _ = sick.successorReady(1, at: now)
    _ = sick.tookOver(1, sockets: 1, freezeMicros: 1, at: now)
    #expect(sick.unhealthy(1, reason: "no Redis", at: now) == [], "not yet")
    _ = sick.healthy(1, at: now)
    #expect(
      sick.unhealthy(1, reason: "no Redis", at: now) == [
        .abandon(slot: 1), .finish(.stopped(reason: "worker 1 is not healthy: no Redis")),
      ])
  }

  // MARK: Crashes

  @Test("a worker that crashes before its turn is waited for, then its turn comes")
  func crashOfAnother() throws {
    var roll = try begun(slots: [0, 1])
    var now = Duration.seconds(100)
    #expect(roll.workerLost(1, at: now) == [])
    #expect(phase(roll) == .preparing)
    #expect(replace(0, in: &roll, at: &now) == [.retire(slot: 0)])
    #expect(phase(roll) == .waiting)
    #expect(roll.healthy(1, at: now) == [.start(slot: 1, .forward)])
  }

  @Test("a crash of the worker in work costs its successor, and the slot is tried again")
  func crashInWork() throws {
    var roll = try begun()
    _ = roll.successorReady(0, at: .seconds(101))
    #expect(roll.workerLost(0, at: .seconds(101)) == [.abandon(slot: 0)])
    #expect(roll.healthy(0, at: .seconds(102)) == [.start(slot: 0, .forward)])
    #expect(phase(roll) == .preparing)
  }

  @Test("one that does not come back, or too many of them, stop the roll")
  func crashes() throws {
    var roll = try begun()
    _ = roll.workerLost(0, at: .seconds(101))
    #expect(roll.deadline == .seconds(116))
    #expect(
      roll.tick(at: .seconds(116)) == [.finish(.stopped(reason: "worker 0 crashed and does not come back"))])
    var other = try begun()
    for second in 101...103 {
      #expect(other.workerLost(3, at: .seconds(second)) == [])
      #expect(other.healthy(3, at: .seconds(second)) == [])
    }
    #expect(
      other.workerLost(2, at: .seconds(104)) == [
        .abandon(slot: 0), .finish(.stopped(reason: "too many crashes, the last one of worker 2")),
      ])
  }

  @Test("a crash of what the roll has brought stops it: nobody else gets the same")
  func suspicion() throws {
    var roll = try begun()
    var now = Duration.seconds(100)
    _ = replace(0, in: &roll, at: &now)
    var other = roll
    #expect(
      roll.workerLost(0, at: now) == [
        .abandon(slot: 1), .finish(.stopped(reason: "worker 0 crashed after it had been replaced")),
      ])
    _ = other.successorReady(1, at: now)
    _ = other.tookOver(1, sockets: 1, freezeMicros: 1, at: now)
    #expect(
      other.workerLost(1, at: now) == [
        .abandon(slot: 1), .finish(.stopped(reason: "worker 1 crashed after its takeover")),
      ])
  }

  // MARK: What operators want

  @Test("a pause holds between workers, never inside one")
  func pause() throws {
    var roll = try begun()
    var now = Duration.seconds(100)
    try roll.pause(by: "ada")
    #expect(throws: Roll.Refusal.alreadyPaused) { try roll.pause(by: "bob") }
    #expect(phase(roll) == .preparing && roll.progress(at: now)?.isHeld == true)
    #expect(replace(0, in: &roll, at: &now) == [.retire(slot: 0)])
    let held = try #require(roll.progress(at: now + .seconds(3600)))
    #expect(held.phase == .paused && held.slot == 1 && held.reason == "ada" && held.spent < .seconds(1))
    #expect(roll.deadline == nil && roll.tick(at: now + .seconds(3600)) == [])
    #expect(try roll.proceed(at: now) == [.start(slot: 1, .forward)])
    #expect(throws: Roll.Refusal.notPaused) { try roll.proceed(at: now) }
  }

  @Test("a pause taken back before it held anything changes nothing, and the last worker needs none")
  func pauseInVain() throws {
    var roll = try begun(slots: [0])
    let before = roll
    var now = Duration.seconds(100)
    try roll.pause(by: "ada")
    #expect(try roll.proceed(at: now) == [])
    #expect(roll == before)
    try roll.pause(by: "ada")
    #expect(replace(0, in: &roll, at: &now) == [.retire(slot: 0), .finish(.done)])
  }

  @Test("taken back: those replaced are replaced by what they were, the last first")
  func takeBack() throws {
    var roll = try begun()
    var now = Duration.seconds(100)
    _ = replace(0, in: &roll, at: &now)
    _ = replace(1, in: &roll, at: &now)
    #expect(try roll.takeBack(at: now) == [.abandon(slot: 2), .start(slot: 1, .back)])
    #expect(throws: Roll.Refusal.alreadyGoingBack) { try roll.takeBack(at: now) }
    #expect(roll.progress(at: now)?.way == .back)
    #expect(roll.progress(at: now)?.done == 2)
    #expect(replace(1, in: &roll, at: &now) == [.retire(slot: 1), .start(slot: 0, .back)])
    #expect(roll.workerLost(0, at: now) == [.abandon(slot: 0)], "what is left behind may crash")
    #expect(roll.healthy(0, at: now) == [.start(slot: 0, .back)])
    #expect(replace(0, in: &roll, at: &now) == [.retire(slot: 0), .finish(.takenBack)])
    #expect(roll.progress(at: now)?.done == 4)
  }

  @Test("taken back in the middle of a takeover: that slot has to serve before the next is touched")
  func takeBackInside() throws {
    var roll = try begun()
    var now = Duration.seconds(100)
    _ = replace(0, in: &roll, at: &now)
    _ = roll.successorReady(1, at: now)
    #expect(try roll.takeBack(at: now) == [.abandon(slot: 1)])
    #expect(phase(roll) == .waiting)
    #expect(roll.healthy(1, at: now) == [.start(slot: 0, .back)])
    var first = try begun()
    _ = first.tookOver(0, sockets: 1, freezeMicros: 1, at: now)
    #expect(try first.takeBack(at: now) == [.abandon(slot: 0)])
    #expect(first.healthy(0, at: now) == [.finish(.takenBack)])
  }

  @Test("taken back where nothing is replaced yet ends at once; a pause does not hold it")
  func takeBackAtOnce() throws {
    var roll = try begun()
    try roll.pause(by: "ada")
    #expect(try roll.takeBack(at: .seconds(101)) == [.abandon(slot: 0), .finish(.takenBack)])
  }

  @Test("taken back without anything to go back to, it stops and says so")
  func noWayBack() throws {
    var roll = try begun(canGoBack: false)
    #expect(
      try roll.takeBack(at: .seconds(101)) == [
        .abandon(slot: 0), .finish(.stopped(reason: "taken back, but there is nothing to go back to")),
      ])
    #expect(throws: Roll.Refusal.nothingRolls) { try roll.takeBack(at: .seconds(102)) }
  }

  @Test("a roll that a bad successor stopped can be taken back")
  func takeBackAfterStop() throws {
    var roll = try begun()
    var now = Duration.seconds(100)
    _ = replace(0, in: &roll, at: &now)
    _ = roll.successorFailed(1, reason: "exit 2", at: now)
    #expect(try roll.takeBack(at: now) == [.start(slot: 0, .back)])
    #expect(replace(0, in: &roll, at: &now) == [.retire(slot: 0), .finish(.takenBack)])
  }

  @Test("a host with something better to do stops it; without a roll nothing is to be done")
  func stop() throws {
    var roll = Roll()
    #expect(roll.giveWay(reason: "drain", at: .zero) == [])
    #expect(roll.progress(at: .zero) == nil && roll.tick(at: .seconds(9)) == [])
    #expect(throws: Roll.Refusal.nothingRolls) { try roll.pause(by: "ada") }
    #expect(throws: Roll.Refusal.nothingRolls) { try roll.proceed(at: .zero) }
    roll = try begun()
    #expect(
      roll.giveWay(reason: "the host drains", at: .seconds(101)) == [
        .abandon(slot: 0), .finish(.stopped(reason: "the host drains")),
      ])
    #expect(try roll.begin(.roll, slots: [5], sockets: 1, canGoBack: false, at: .zero).count == 1)
  }

  @Test("it does not take away the successor that serves already", arguments: [false, true])
  func givesWayServing(isLast: Bool) throws {
    var roll = try begun(slots: [0, 1, 2])
    var now = Duration.seconds(101)
    if isLast { for slot in 0..<2 { _ = replace(slot, in: &roll, at: &now) } }
    let slot = isLast ? 2 : 0
    _ = roll.successorReady(slot, at: now)
    _ = roll.tookOver(slot, sockets: 3, freezeMicros: 50, at: now)
    let outcome = isLast ? RollOutcome.done : .stopped(reason: "a drain")
    #expect(roll.giveWay(reason: "a drain", at: now) == [.retire(slot: slot), .finish(outcome)])
    #expect(roll.progress(at: now)?.done == slot + 1 && !roll.isRolling)
  }
}
