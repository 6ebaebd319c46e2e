import EventLoop
import Measurement
import WireProtocol

/// How sockets end, each for one cause, and what they do then.
extension Generator {
  func ended(_ stream: StreamID, _ end: StreamEnd) {
    defer { endIfAllGone() }
    guard let index = index(of: stream) ?? mover(from: stream) else { return }
    let wasInTLS = wires?.wire(of: stream).map { !$0.isOpen } ?? false
    release(stream)
    let cause: DropCause =
      switch end {
      case .eof, .closed: wasInTLS ? .tls : .eof
      case .reset: .reset
      case .refused: .refused
      case .timeout: .timeout
      case .overflow, .failed: .protocolError
      }
    ended(index, over: stream, cause)
  }

  /// A connection has ended, whatever it was to the socket.
  func ended(_ index: Int, over stream: StreamID, _ cause: DropCause) {
    if sockets[index].stream != stream { return lostFormer(index, cause) }
    switch sockets[index].phase {
    case .connecting, .shaking: failed(index, cause)
    // The one before still serves.
    case .open where formers[index] != nil: failed(index, cause)
    case .open, .leaving: lost(index, cause)
    case .planned, .resting, .gone: break
    }
  }

  /// An established socket is gone without having been asked to.
  func lost(_ index: Int, _ cause: DropCause) {
    guard sockets[index].isSpeaking else { return }
    let wasToComeBack = sockets[index].phase == .open || told[index] != nil
    if sockets[index].phase == .open { figures.left += 1 }
    cancelTimer(index)
    let now = Moment.current
    figures.drops.add(cause)
    figures.dropTimes.add(at: elapsed(now))
    _ = torn.take(of: index)
    settle(index)
    guard wasToComeBack else { return retire(index) }
    beAway(index, since: now)
    rest(index)
  }

  /// An attempt to open has failed.
  func failed(_ index: Int, _ cause: DropCause) {
    cancelTimer(index)
    if sockets[index].hasOpened {
      figures.reconnectFailures.add(cause)
    } else {
      figures.failed.add(cause)
    }
    sockets[index].attempt &+= 1
    rest(index)
  }

  func beAway(_ index: Int, since now: Moment) {
    sockets[index].droppedAt = now
    sockets[index].outage.expect(at: elapsed(now))
  }

  private func rest(_ index: Int) {
    sockets[index].stream = nil
    sockets[index].phase = .resting
    let moment = told.removeValue(forKey: index)
    guard isToComeBack, let pause = plan.reconnect.pause(attempt: Int(sockets[index].attempt), &random)
    else {
      sockets[index].phase = .gone
      sockets[index].outage.rest(at: elapsed(.current))
      return
    }
    wake(index, at: moment ?? .current + pause)
  }

  /// In mode sluice the last messages are heard after the run, too.
  private var isToComeBack: Bool { stage == .running || isSluice && stage == .waitingForAnswers }

  func ready(_ key: UInt32, _ readiness: Readiness) {
    let index = Int(key)
    sockets[index].timer = nil
    switch sockets[index].phase {
    case .connecting, .shaking:
      if let stream = sockets[index].stream { drop(stream) }
      failed(index, .timeout)
    case .resting: if isToComeBack { connect(index) }
    case .open: turn(index)
    case .leaving: goOnLeaving(index)
    case .planned, .gone: break
    }
  }

  /// An open socket's time has come for something.
  private func turn(_ index: Int) {
    guard isToComeBack else { return }
    if told[index] != nil {
      if isSluice { move(index) } else if stage == .running { leave(index) }
    } else if isSluice, seats[index].asksAgain {
      greet(index)
    } else if formers[index] != nil {
      giveUpMoving(index)
    }
  }

  /// The books of one connection are closed: what is missing is lost. Numbers go on with the next one.
  func settle(_ index: Int) {
    ordered?.forget(index)
    // Who hears what others say misses what is said while it is away.
    if hall != nil { return }
    if isSluice { return loseConnection(index) }
    close(booksOf: speaker(heardBy: index))
  }

  func close(booksOf index: Int) {
    miss(index)
    sockets[index].audit.settle()
  }

  // MARK: Leaving

  private static let leavingStep = Duration.milliseconds(20)

  /// The next phase of the plan has no place for it.
  func dismiss(_ index: Int) {
    figures.unsent += Int(sockets[index].owed)
    sockets[index].owed = 0
    told[index] = nil
    switch sockets[index].phase {
    case .open: leave(index)
    case .connecting, .shaking:
      if let stream = sockets[index].stream { drop(stream) }
      retire(index)
    case .planned, .resting, .gone: retire(index)
    case .leaving: break
    }
  }

  /// Says nothing more, and goes once it has all its answers.
  func leave(_ index: Int) {
    sockets[index].phase = .leaving
    sockets[index].attempt = 0
    figures.left += 1
    wake(index, at: .current)
  }

  private func goOnLeaving(_ index: Int) {
    let waited = Self.leavingStep * Int(sockets[index].attempt)
    if hall == nil, sockets[index].audit.outstanding > 0, waited < plan.grace, sockets[index].attempt < .max {
      sockets[index].attempt += 1
      return wake(index, at: .current + Self.leavingStep)
    }
    if let stream = sockets[index].stream {
      mend(index)
      sayGoodbye(index)
      table.finish(stream)
      release(stream)
    }
    settle(index)
    let now = Moment.current
    guard told.removeValue(forKey: index) != nil, stage == .running else { return retire(index) }
    sockets[index].attempt = 0
    beAway(index, since: now)
    connect(index)
  }

  /// As if it had not been opened yet: a later phase may want it again.
  private func retire(_ index: Int) {
    cancelTimer(index)
    sockets[index].stream = nil
    sockets[index].droppedAt = nil
    sockets[index].outage.rest(at: elapsed(.current))
    sockets[index].phase = .planned
    sockets[index].attempt = 0
  }
}
