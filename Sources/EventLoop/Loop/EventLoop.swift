/// Hears of its descriptors. `key` is whatever it gave when it asked for them to be watched.
public protocol EventSource: AnyObject {
  func ready(_ key: UInt32, _ readiness: Readiness)
}

/// A source's place in the loop. It outlives its source without harm: what comes late for it reaches nobody.
public struct SourceID: Hashable, Sendable {
  let index: UInt16
  let generation: UInt16

  /// No place yet.
  package static let none = SourceID(index: .max, generation: 0)

  fileprivate var token: UInt64 { UInt64(index) << 48 | UInt64(generation) << 32 }
}

/// One thread, one epoll: waits, hands out readiness and timers, and lets everyone flush at the end of a turn.
///
/// In: descriptors with an interest, deadlines. Out: calls on their owners. Nothing here blocks but `wait`.
public final class EventLoop {
  /// The time this turn began. Owners use it instead of asking the clock again.
  public private(set) var now: Moment
  /// How long the last turns kept others waiting; the server's health figure.
  package private(set) var longestTurnNanoseconds: UInt64 = 0

  /// Asked each turn for the next exact wake-up, finer than the timers' millisecond.
  package var pacer: ((Moment) -> Moment?)?

  private enum Due {
    case action(() -> Void)
    case source(SourceID, UInt32)
  }

  private struct Place {
    var source: (any EventSource)?
    var generation: UInt16 = 0
  }

  private let poller: Poller
  private var places: [Place] = []
  private var timers: TimerWheel<Due>
  private var turnEnds: [() -> Void] = []
  private var soon: [() -> Void] = []
  private var running = false

  public init() throws(SystemError) {
    poller = try Poller()
    now = .current
    timers = TimerWheel(start: now.nanoseconds / 1_000_000)
  }

  // MARK: Descriptors

  package func add(_ source: any EventSource) -> SourceID {
    let index = places.firstIndex { $0.source == nil } ?? places.count
    if index == places.count { places.append(Place()) }
    precondition(index < UInt16.max, "a source is for many descriptors: 65,000 of them are a mistake")
    places[index].source = source
    return SourceID(index: UInt16(index), generation: places[index].generation)
  }

  /// The source must have no descriptor watched any more.
  package func remove(_ source: SourceID) {
    guard self.source(source.index, source.generation) != nil else { return }
    places[Int(source.index)].source = nil
    places[Int(source.index)].generation &+= 1
  }

  @inline(__always)
  private func source(_ index: UInt16, _ generation: UInt16) -> (any EventSource)? {
    guard Int(index) < places.count, places[Int(index)].generation == generation else { return nil }
    return places[Int(index)].source
  }

  package func watch(
    _ fd: Int32, for interest: Readiness, by source: SourceID, key: UInt32 = 0
  ) throws(SystemError) {
    try poller.watch(fd, for: interest, token: source.token | UInt64(key))
  }

  package func rewatch(_ fd: Int32, for interest: Readiness, by source: SourceID, key: UInt32 = 0) {
    poller.rewatch(fd, for: interest, token: source.token | UInt64(key))
  }

  package func unwatch(_ fd: Int32) { poller.unwatch(fd) }

  // MARK: Time

  /// Counts from this very moment: a turn, or the time before the first, may have lasted long.
  @discardableResult
  package func after(_ delay: Duration, _ action: @escaping () -> Void) -> TimerID {
    at(.current + delay, action)
  }

  @discardableResult
  fileprivate func at(_ moment: Moment, _ action: @escaping () -> Void) -> TimerID {
    timers.insert(.action(action), due: milliseconds(of: moment))
  }

  /// A timer without a closure, for owners of thousands: arrives as `ready(key, [])`.
  package func wake(_ source: SourceID, key: UInt32, at moment: Moment) -> TimerID {
    timers.insert(.source(source, key), due: milliseconds(of: moment))
  }

  package func cancel(_ timer: TimerID) { timers.cancel(timer) }

  /// Repeats until `stop` or until the returned closure is called. A late turn skips, it does not pile up.
  package func every(_ interval: Duration, _ action: @escaping () -> Void) -> () -> Void {
    let repetition = Repetition(loop: self, interval: interval, action: action)
    repetition.plan(from: now)
    return { repetition.isCancelled = true }
  }

  // MARK: Turns

  /// Called at the end of each turn: the place to send what the turn has gathered.
  package func atEndOfTurn(_ action: @escaping () -> Void) { turnEnds.append(action) }

  /// Done after this turn's events, before the loop sleeps again; the next turn does not wait.
  package func next(_ action: @escaping () -> Void) { soon.append(action) }

  package func run() throws(SystemError) {
    running = true
    while running { try turn(waitingAtMost: nil) }
  }

  package func stop() { running = false }

  package func takeLongestTurn() -> UInt64 {
    defer { longestTurnNanoseconds = 0 }
    return longestTurnNanoseconds
  }

  /// One round: wait, events, timers, what was put off, flush.
  package func turn(waitingAtMost limit: Duration?) throws(SystemError) {
    let count = try poller.wait(nanoseconds: patience(limit))
    now = .current
    let began = now
    for index in 0..<count {
      let (token, readiness) = poller.event(index)
      // A source may have gone in this very batch, and another may have its place.
      source(UInt16(truncatingIfNeeded: token >> 48), UInt16(truncatingIfNeeded: token >> 32))?
        .ready(UInt32(truncatingIfNeeded: token), readiness)
    }
    fireTimers()
    runPutOff()
    for flush in turnEnds { flush() }
    longestTurnNanoseconds = max(longestTurnNanoseconds, Moment.current.nanoseconds(since: began))
  }

  private func patience(_ limit: Duration?) -> UInt64? {
    if !soon.isEmpty { return 0 }
    let current = Moment.current
    var wake = limit.map { current + $0 }
    // A timer is due when its whole millisecond has come, so it is never early.
    if let due = timers.nextDue {
      let moment = Moment(nanoseconds: due.multipliedReportingOverflow(by: 1_000_000).partialValue)
      wake = min(wake ?? moment, moment)
    }
    if let pacer, let exact = pacer(current) { wake = min(wake ?? exact, exact) }
    return wake.map { $0.nanoseconds(since: current) }
  }

  private func fireTimers() {
    let time = now.nanoseconds / 1_000_000
    while let due = timers.popDue(at: time) {
      switch due {
      case .action(let action): action()
      case .source(let id, let key): source(id.index, id.generation)?.ready(key, [])
      }
    }
  }

  private func runPutOff() {
    if soon.isEmpty { return }
    let actions = soon
    soon.removeAll(keepingCapacity: true)
    for action in actions { action() }
  }

  /// Rounded up, and never within this turn: a timer that sets itself anew must not hold the loop.
  private func milliseconds(of moment: Moment) -> UInt64 {
    let whole = moment.nanoseconds / 1_000_000 + (moment.nanoseconds % 1_000_000 == 0 ? 0 : 1)
    return max(whole, now.nanoseconds / 1_000_000 + 1)
  }
}

private final class Repetition {
  var isCancelled = false
  private weak var loop: EventLoop?
  private let interval: Duration
  private let action: () -> Void

  init(loop: EventLoop, interval: Duration, action: @escaping () -> Void) {
    self.loop = loop
    self.interval = interval
    self.action = action
  }

  func plan(from moment: Moment) {
    guard let loop else { return }
    let due = moment + interval
    loop.at(due) { [self, unowned loop] in
      if isCancelled { return }
      action()
      if isCancelled { return }
      let late = loop.now > due + interval
      plan(from: late ? loop.now : due)
    }
  }
}
