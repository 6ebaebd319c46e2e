/// A host's workers replaced one after another while their sockets stay open. It owns no clock, no process and no
/// socket: what happened comes in with its time, what to do goes out.
///
/// For each slot: a successor is started and prepared, takes over at one instant, proves itself, and only then the old
/// worker goes and the next slot begins. A bad successor ends the roll: its slot goes back to whoever stands by, those
/// replaced before stay, those after were never touched. `abandon` kills the successor, so it needs no answer: whoever
/// had the slot, or stands by for it, has it then.
package struct Roll: Equatable, Sendable {
  package enum Effect: Equatable, Sendable {
    /// Start and prepare a successor. Answers: `successorReady`, `successorFailed`.
    case start(slot: Int, RollWay)
    /// It may take the slot over now. Answers: `tookOver`, `successorFailed`.
    case handOver(slot: Int)
    /// The old worker may go.
    case retire(slot: Int)
    /// The successor has to go, and the slot is served as before.
    case abandon(slot: Int)
    case finish(RollOutcome)
  }

  /// Why an order makes no sense now.
  package enum Refusal: Error, Equatable, Sendable {
    case alreadyRolling, nobodyToReplace, nothingRolls, alreadyPaused, notPaused, alreadyGoingBack
  }

  /// The successor of one slot on its way.
  private struct Step: Equatable {
    let slot: Int
    let began: Duration
    var until: Duration
  }

  private enum Stage: Equatable {
    case between
    case preparing(Step)
    case handingOver(Step)
    case proving(Step, healthySince: Duration?)
  }

  private enum State: Equatable {
    case idle
    case rolling(RollCourse, Stage)
    case finished(RollCourse, RollOutcome, at: Int?)
  }

  private var state = State.idle
  private let plan: RollPlan

  package init(plan: RollPlan = RollPlan()) { self.plan = plan }

  // MARK: Orders

  /// `sockets`: how many are open on these slots. `canGoBack`: the former binary or settings are still at hand.
  package mutating func begin(
    _ kind: RollKind, slots: [Int], sockets: Int, canGoBack: Bool, at now: Duration
  ) throws(Refusal) -> [Effect] {
    if case .rolling = state { throw .alreadyRolling }
    let slots = Set(slots).sorted()
    if slots.isEmpty { throw .nobodyToReplace }
    return advance(
      RollCourse(
        kind: kind, slots: slots, sockets: max(0, sockets), canGoBack: canGoBack, patience: plan.patience),
      at: now)
  }

  /// Holds before the next worker; the one in work is brought to its end.
  package mutating func pause(by operator: String) throws(Refusal) {
    guard case .rolling(var course, let stage) = state else { throw .nothingRolls }
    if course.pausedBy != nil { throw .alreadyPaused }
    course.pausedBy = `operator`
    state = .rolling(course, stage)
  }

  package mutating func proceed(at now: Duration) throws(Refusal) -> [Effect] {
    guard case .rolling(var course, let stage) = state else { throw .nothingRolls }
    if course.pausedBy == nil { throw .notPaused }
    course.pausedBy = nil
    state = .rolling(course, stage)
    return stage == .between ? advance(course, at: now) : []
  }

  /// Replaces those replaced so far once more, by what they were before, the last one first. Where that is no longer
  /// at hand the roll only stops. A roll that a bad successor stopped can be taken back, too.
  package mutating func takeBack(at now: Duration) throws(Refusal) -> [Effect] {
    switch state {
    case .idle, .finished(_, .done, _), .finished(_, .takenBack, _): throw .nothingRolls
    case .finished(let course, .stopped, _):
      if !course.canGoBack || course.replaced.isEmpty || course.way == .back { throw .nothingRolls }
      return goBack(course, at: now)
    case .rolling(let course, let stage):
      if course.way == .back { throw .alreadyGoingBack }
      if !course.canGoBack { return stop(reason: "taken back, but there is nothing to go back to", at: now) }
      var (settled, effects) = leave(stage, of: course, at: now)
      // A slot that may be between two owners has to serve before the next one is touched.
      switch stage {
      case .handingOver(let step), .proving(let step, _): settled.miss(step.slot, until: now + plan.recovery)
      case .between, .preparing: break
      }
      effects += goBack(settled, at: now)
      return effects
    }
  }

  /// For a host that has something more important to do, such as to drain. A successor that serves already has done
  /// nothing wrong: it serves on.
  package mutating func giveWay(reason: String, at now: Duration) -> [Effect] {
    guard case .rolling(var course, .proving(let step, _)) = state else {
      return stop(reason: reason, at: now)
    }
    course.spend(now - step.began)
    course.settle(step.slot)
    let outcome: RollOutcome =
      switch (course.next, course.way) {
      case (nil, .forward): .done
      case (nil, .back): .takenBack
      case (_?, _): .stopped(reason: reason)
      }
    return [.retire(slot: step.slot)] + finish(course, outcome, at: course.next)
  }

  private mutating func stop(reason: String, at now: Duration) -> [Effect] {
    guard case .rolling(let course, let stage) = state else { return [] }
    let (settled, effects) = leave(stage, of: course, at: now)
    return effects + finish(settled, .stopped(reason: reason), at: Self.slot(of: stage) ?? course.next)
  }

  // MARK: Successors

  package mutating func successorReady(_ slot: Int, at now: Duration) -> [Effect] {
    guard case .rolling(let course, .preparing(var step)) = state, step.slot == slot else { return [] }
    step.until = now + plan.takeOver
    state = .rolling(course, .handingOver(step))
    return [.handOver(slot: slot)]
  }

  /// It ended, or cannot do what it was started for.
  package mutating func successorFailed(_ slot: Int, reason: String, at now: Duration) -> [Effect] {
    guard case .rolling(_, let stage) = state, Self.slot(of: stage) == slot else { return [] }
    return stop(reason: "worker \(slot): \(reason)", at: now)
  }

  /// The slot is the successor's: the only commit point. Also right when it did so unasked, because the old one died.
  package mutating func tookOver(
    _ slot: Int, sockets: Int, freezeMicros: Int, at now: Duration
  ) -> [Effect] {
    switch state {
    case .rolling(var course, .preparing(var step)) where step.slot == slot,
      .rolling(var course, .handingOver(var step)) where step.slot == slot:
      course.count(Handover(sockets: sockets, freezeMicros: freezeMicros))
      step.until = now + plan.health
      state = .rolling(course, .proving(step, healthySince: nil))
    case .idle, .rolling, .finished: break
    }
    return []
  }

  // MARK: Workers

  /// To be said again and again while it lasts, of the worker that serves the slot: the canary passes when the first
  /// and the last word lie `plan.canary` apart and nothing else came between.
  package mutating func healthy(_ slot: Int, at now: Duration) -> [Effect] {
    guard case .rolling(var course, let stage) = state else { return [] }
    if course.greet(slot) {
      state = .rolling(course, stage)
      return stage == .between ? advance(course, at: now) : []
    }
    guard case .proving(let step, let since) = stage, step.slot == slot else { return [] }
    guard let since, now - since >= plan.canary else {
      state = .rolling(course, .proving(step, healthySince: since ?? now))
      return []
    }
    course.spend(now - step.began)
    course.settle(slot)
    return [.retire(slot: slot)] + advance(course, at: now)
  }

  /// A worker that has just taken over is not healthy yet: for that it has until its step ends. One that was is not
  /// given a second chance.
  package mutating func unhealthy(_ slot: Int, reason: String, at now: Duration) -> [Effect] {
    guard case .rolling(_, .proving(let step, .some)) = state, step.slot == slot else { return [] }
    return stop(reason: "worker \(slot) is not healthy: \(reason)", at: now)
  }

  /// The worker that serves the slot, by its owner word, has crashed. What runs already as the roll wants it is under
  /// suspicion then, and the roll stops; any other crash is sat out.
  package mutating func workerLost(_ slot: Int, at now: Duration) -> [Effect] {
    guard case .rolling(var course, let stage) = state else { return [] }
    let isInWork = Self.slot(of: stage) == slot
    if case .proving = stage, isInWork {
      return stop(reason: "worker \(slot) crashed after its takeover", at: now)
    }
    if course.way == .forward, course.runsNew(slot) {
      return stop(reason: "worker \(slot) crashed after it had been replaced", at: now)
    }
    course.crashesLeft -= 1
    if course.crashesLeft < 0 {
      return stop(reason: "too many crashes, the last one of worker \(slot)", at: now)
    }
    course.miss(slot, until: now + plan.recovery)
    if !isInWork {
      state = .rolling(course, stage)
      return []
    }
    // It is tried again once the slot is served again.
    let (settled, effects) = leave(stage, of: course, at: now)
    state = .rolling(settled, .between)
    return effects
  }

  // MARK: Time

  /// When `tick` next has something to say.
  package var deadline: Duration? {
    guard case .rolling(let course, let stage) = state else { return nil }
    switch stage {
    case .between: return course.pausedBy == nil ? course.missing.values.min() : nil
    case .preparing(let step), .handingOver(let step), .proving(let step, _): return step.until
    }
  }

  package mutating func tick(at now: Duration) -> [Effect] {
    guard let deadline, now >= deadline, case .rolling(let course, let stage) = state else { return [] }
    switch stage {
    case .between:
      guard let slot = course.overdue(at: now) else { return [] }
      return stop(reason: "worker \(slot) crashed and does not come back", at: now)
    case .preparing(let step):
      return stop(reason: "worker \(step.slot): not ready within \(plan.prepare.words)", at: now)
    case .handingOver(let step):
      return stop(reason: "worker \(step.slot): did not take over within \(plan.takeOver.words)", at: now)
    case .proving(let step, _):
      return stop(reason: "worker \(step.slot): not healthy within \(plan.health.words)", at: now)
    }
  }

  // MARK: Steps

  /// The next worker, if nothing holds it up.
  private mutating func advance(_ course: RollCourse, at now: Duration) -> [Effect] {
    switch (course.next, course.way) {
    case (nil, .forward):
      return finish(course, .done, at: nil)
    case (_, _) where !course.missing.isEmpty:
      state = .rolling(course, .between)
      return []
    case (nil, .back):
      return finish(course, .takenBack, at: nil)
    case (_?, _) where course.pausedBy != nil:
      state = .rolling(course, .between)
      return []
    case (let slot?, let way):
      state = .rolling(course, .preparing(Step(slot: slot, began: now, until: now + plan.prepare)))
      return [.start(slot: slot, way)]
    }
  }

  private mutating func goBack(_ course: RollCourse, at now: Duration) -> [Effect] {
    var course = course
    course.way = .back
    course.pausedBy = nil
    return advance(course, at: now)
  }

  private mutating func finish(_ course: RollCourse, _ outcome: RollOutcome, at slot: Int?) -> [Effect] {
    state = .finished(course, outcome, at: slot)
    return [.finish(outcome)]
  }

  /// Ends what is in work, if anything is.
  private func leave(
    _ stage: Stage, of course: RollCourse, at now: Duration
  ) -> (course: RollCourse, effects: [Effect]) {
    var course = course
    switch stage {
    case .between: return (course, [])
    case .preparing(let step), .handingOver(let step), .proving(let step, _):
      course.spend(now - step.began)
      return (course, [.abandon(slot: step.slot)])
    }
  }

  private static func slot(of stage: Stage) -> Int? { step(of: stage)?.slot }

  private static func step(of stage: Stage) -> Step? {
    switch stage {
    case .between: nil
    case .preparing(let step), .handingOver(let step), .proving(let step, _): step
    }
  }

  // MARK: Looking at it

  package var isRolling: Bool {
    if case .rolling = state { return true }
    return false
  }

  /// Nil before the first roll; the last one's end until the next begins.
  package func progress(at now: Duration) -> RollProgress? {
    switch state {
    case .idle:
      return nil
    case .rolling(let course, let stage):
      let step = Self.step(of: stage)
      var progress = RollProgress(course, Self.phase(of: stage, course), slot: step?.slot ?? course.next)
      if let step { progress.spent += max(now - step.began, .zero) }
      progress.reason = course.pausedBy ?? ""
      return progress
    case .finished(let course, .done, _):
      return RollProgress(course, .done, slot: nil)
    case .finished(let course, .takenBack, _):
      return RollProgress(course, .takenback, slot: nil)
    case .finished(let course, .stopped(let reason), let slot):
      var progress = RollProgress(course, .stopped, slot: slot)
      progress.reason = reason
      return progress
    }
  }

  private static func phase(of stage: Stage, _ course: RollCourse) -> RollPhase {
    switch stage {
    case .between: course.pausedBy == nil ? .waiting : .paused
    case .preparing: .preparing
    case .handingOver: .handover
    case .proving: .proving
    }
  }
}
