import Bytes
import EventLoop
import Measurement
import WireProtocol

/// The end of the run: missing answers are waited for, then everything is closed and the books are summed.
extension Generator {
  func wait() {
    guard stage == .running else { return }
    stage = .waitingForAnswers
    figures.openAtEnd = open
    let now = elapsed(.current)
    // Who is away will not come back any more: that is no silence of the server's.
    for index in sockets.indices where sockets[index].phase != .open { sockets[index].outage.rest(at: now) }
    let deadline = loop.now + plan.grace
    waitForAnswers(until: deadline)
  }

  private func waitForAnswers(until deadline: Moment) {
    let isComplete = !sockets.contains { $0.phase == .open && $0.audit.outstanding > 0 }
    if isComplete || loop.now >= deadline { return closeAll() }
    loop.after(.milliseconds(5)) { [unowned self] in waitForAnswers(until: deadline) }
  }

  private func closeAll() {
    stage = .closing
    let now = elapsed(.current)
    for index in sockets.indices {
      cancelTimer(index)
      mend(index)
      settle(index)
      sockets[index].outage.rest(at: now)
      let wasOpen = sockets[index].phase == .open
      sockets[index].phase = .gone
      guard let stream = sockets[index].stream else { continue }
      guard wasOpen else {
        drop(stream)
        continue
      }
      frame.clear()
      FrameWriter.appendClose(.normal, mask: freshMask(), into: &frame)
      post(frame, to: index)
      sockets[index].conversation.beginClose()
    }
    open = 0
    loop.after(.seconds(2)) { [unowned self] in end() }
    endIfAllGone()
  }

  func endIfAllGone() {
    if stage == .closing && table.count == 0 { end() }
  }

  private func end() {
    guard stage != .ended else { return }
    stage = .ended
    for socket in sockets {
      figures.lost += Int(socket.audit.lost)
      figures.duplicated += Int(socket.audit.duplicated)
      figures.reordered += Int(socket.audit.reordered)
      figures.add(socket.outage)
    }
    bookAnswers(at: elapsed(.current))
    figures.cpuNanoseconds = Machine.cpuNanoseconds
    figures.residentBytes = Machine.residentBytes
    figures.longestTurnNanoseconds = loop.takeLongestTurn()
    onEnd?()
  }
}
