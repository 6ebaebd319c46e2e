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
    for index in sockets.indices {
      cancelTimer(index)
      settle(index)
      let wasOpen = sockets[index].phase == .open
      sockets[index].phase = .gone
      guard let stream = sockets[index].stream else { continue }
      guard wasOpen else {
        drop(stream)
        continue
      }
      frame.clear()
      FrameWriter.appendClose(.normal, mask: Mask(UInt32(truncatingIfNeeded: random.next())), into: &frame)
      _ = Self.deliver(frame, to: stream, of: table)
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
    }
    figures.cpuNanoseconds = Machine.cpuNanoseconds
    figures.residentBytes = Machine.residentBytes
    figures.longestTurnNanoseconds = loop.takeLongestTurn()
    onEnd?()
  }
}
