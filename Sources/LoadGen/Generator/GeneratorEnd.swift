import Bytes
import EventLoop
import Measurement
import WireProtocol

/// The end of the run: missing answers are waited for, then everything is closed and the books are summed.
extension Generator {
  func wait() {
    guard stage == .running else { return }
    let end = min(elapsed(.current), plan.duration.wholeNanoseconds)
    sendDue(end)
    publishDue(end)
    expectPublications()
    stage = .waitingForAnswers
    figures.openAtEnd = open
    let now = elapsed(.current)
    // Who is away will not come back any more: that is no silence of the server's.
    for index in sockets.indices where !sockets[index].isSpeaking { sockets[index].outage.rest(at: now) }
    leaveOwedUnsent()
    let silence = blackout.rest(at: now)
    if silence > Recovery.slowFrom { figures.blackouts.record(silence) }
    let deadline = loop.now + plan.grace
    waitForAnswers(until: deadline)
  }

  private func waitForAnswers(until deadline: Moment) {
    if isHurried || hasAllAnswers || loop.now >= deadline { return closeAll() }
    loop.after(.milliseconds(5)) { [unowned self] in waitForAnswers(until: deadline) }
  }

  private var hasAllAnswers: Bool {
    if isSluice {
      return sockets.indices.allSatisfy {
        sockets[$0].audit.outstanding == 0 && seats[$0].receipts.awaited == 0
      }
    }
    return !sockets.contains { $0.isSpeaking && $0.audit.outstanding > 0 }
  }

  private func closeAll() {
    stage = .closing
    let now = elapsed(.current)
    closeFormers()
    for index in sockets.indices {
      cancelTimer(index)
      mend(index)
      close(booksOf: index)
      sockets[index].outage.rest(at: now)
      let wasSpeaking = sockets[index].isSpeaking
      sockets[index].phase = .gone
      guard let stream = sockets[index].stream else { continue }
      if wasSpeaking { sayGoodbye(index) } else { drop(stream) }
    }
    loop.after(.seconds(2)) { [unowned self] in end() }
    endIfAllGone()
  }

  func endIfAllGone() {
    if stage == .closing && table.count == 0 { end() }
  }

  private func end() {
    guard stage != .ended else { return }
    stage = .ended
    sumPublications()
    figures = summed
    let now = elapsed(.current)
    bookAnswers(at: now)
    figures.longestTurnNanoseconds = max(figures.longestTurnNanoseconds, loop.takeLongestTurn())
    figures.cpuNanoseconds = Machine.cpuNanoseconds
    figures.residentBytes = Machine.residentBytes
    onEnd?()
  }
}
