/// A host's way out (CONTRACT 5). It owns no clock, no socket and no Redis: time comes in, effects go out.
///
/// `open` is always the sum over the host's workers. Ask `tick` every `turn`; each answer is one thing to do.
package struct Drain: Equatable, Sendable {
  package enum Effect: Equatable, Sendable {
    /// Readiness 503, no new sockets, `sluice.v1` clients get their slot.
    case announce
    /// Close this many of those not yet asked to go.
    case close(Int)
    case closeRest
    case stop
    /// Back to serving: take sockets again.
    case resume
  }

  package enum Phase: String, CaseIterable, Sendable {
    case serving, announced, waiting, pacing, forcing, stopped
  }

  /// What stays the same from the announcement to the end.
  private struct Course: Equatable {
    var plan: DrainPlan
    var began: Duration
    let total: Int

    var paceFrom: Duration { began + plan.wait }
    var forceFrom: Duration { paceFrom + plan.pace }
    var end: Duration { forceFrom + plan.force }
  }

  private enum State: Equatable {
    case serving
    case announced(Course)
    case waiting(Course)
    case pacing(Course, Pace)
    case forcing(Course, until: Duration)
    case stopped(Course)
  }

  private var state = State.serving
  private let turn: Duration

  /// `turn` is the time between two ticks; pacing spreads the sockets over turns.
  package init(turn: Duration = .milliseconds(100)) {
    precondition(turn > .zero, "a drain needs turns that take time")
    self.turn = turn
  }

  // MARK: Orders

  /// Starts to drain. During a drain that does not force yet it sets a new plan, counted from now.
  package mutating func begin(_ plan: DrainPlan, at now: Duration, open: Int) -> Effect? {
    switch state {
    case .serving:
      state = .announced(Course(plan: plan, began: now, total: max(open, 0)))
      return .announce
    case .announced(var course):
      course.plan = plan
      course.began = now
      state = .announced(course)
      return nil
    case .waiting(var course), .pacing(var course, _):
      course.plan = plan
      course.began = now
      state = .waiting(course)
      return nil
    case .forcing, .stopped:
      return nil
    }
  }

  /// The second signal: close all at once; a third one does not wait for them either.
  package mutating func force(at now: Duration) -> Effect? {
    switch state {
    case .serving, .stopped:
      return nil
    case .announced(let course), .waiting(let course), .pacing(let course, _):
      return force(course, at: now)
    case .forcing(let course, _):
      state = .stopped(course)
      return .stop
    }
  }

  package mutating func undrain() -> Effect? {
    switch state {
    case .announced, .waiting, .pacing:
      state = .serving
      return .resume
    case .serving, .forcing, .stopped:
      return nil
    }
  }

  // MARK: Time

  /// `strain` is what the hosts that take the reconnecting clients say, if there are any and they say something.
  package mutating func tick(at now: Duration, open: Int, strain: Strain? = nil) -> Effect? {
    switch state {
    case .serving, .stopped:
      return nil
    case .announced(let course) where open <= 0, .waiting(let course) where open <= 0,
      .pacing(let course, _) where open <= 0, .forcing(let course, _) where open <= 0:
      state = .stopped(course)
      return .stop
    case .announced(let course), .waiting(let course):
      if now < course.paceFrom {
        state = .waiting(course)
        return nil
      }
      let pace = Pace(open, from: course.paceFrom, until: course.forceFrom, turn: turn)
      return ask(course, pace, at: now, open: open, strain: strain)
    case .pacing(let course, let pace):
      return ask(course, pace, at: now, open: open, strain: strain)
    case .forcing(let course, let until):
      if now < until { return nil }
      state = .stopped(course)
      return .stop
    }
  }

  private mutating func ask(
    _ course: Course, _ pace: Pace, at now: Duration, open: Int, strain: Strain?
  ) -> Effect? {
    if now >= course.forceFrom { return force(course, at: now) }
    var pace = pace
    let count = pace.ask(at: now, open: open, strain: strain)
    state = .pacing(course, pace)
    return count == 0 ? nil : .close(count)
  }

  private mutating func force(_ course: Course, at now: Duration) -> Effect? {
    state = .forcing(course, until: now + course.plan.force)
    return .closeRest
  }

  // MARK: Looking at it

  package var phase: Phase {
    switch state {
    case .serving: .serving
    case .announced: .announced
    case .waiting: .waiting
    case .pacing: .pacing
    case .forcing: .forcing
    case .stopped: .stopped
    }
  }

  /// The time it may still take; zero when there is nothing to wait for.
  package func remaining(at now: Duration) -> Duration {
    switch state {
    case .serving, .stopped: .zero
    case .announced(let course), .waiting(let course), .pacing(let course, _): max(course.end - now, .zero)
    case .forcing(_, let until): max(until - now, .zero)
    }
  }

  /// Only while it paces and has somebody to ask.
  package var rate: Pace.Rate? {
    switch state {
    case .pacing(_, let pace): pace.current
    case .serving, .announced, .waiting, .forcing, .stopped: nil
    }
  }

  /// How many were open when it began.
  package var total: Int {
    switch state {
    case .serving: 0
    case .announced(let course), .waiting(let course), .pacing(let course, _), .forcing(let course, _),
      .stopped(let course):
      course.total
    }
  }
}
