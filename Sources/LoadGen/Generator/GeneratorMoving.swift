import Bytes
import EventLoop
import Measurement
import WireProtocol

/// Make before break: a socket whose server is about to go opens a new connection, moves its session there, and only
/// then leaves the old one.
///
/// It speaks over one of them at a time: over the old one until the session has moved, then over none until everything
/// said there has its receipt, for nobody promises an order between two connections.
extension Generator {
  /// The server has told when to go.
  func follow(_ index: Int, after pause: Duration) {
    let moment = Moment.current + pause
    told[index] = moment
    wake(index, at: moment)
  }

  func move(_ index: Int) {
    told[index] = nil
    guard let stream = sockets[index].stream, seats[index].isSettled else { return }
    formers[index] = FormerLink(stream: stream, conversation: sockets[index].conversation)
    seats[index].beginMove()
    // Of several addresses, who is about to go is asked last.
    sockets[index].attempt = 1
    connect(index)
  }

  /// The socket that is moving away from this connection.
  func mover(from stream: StreamID) -> Int? {
    if formers.isEmpty { return nil }
    let index = Int(socketOf[stream.slot])
    return index >= 0 && formers[index]?.stream == stream ? index : nil
  }

  /// Where the socket speaks now; nil where it has to wait.
  func voice(of index: Int) -> StreamID? {
    if !formers.isEmpty, let former = formers[index] { return hasMoved(index) ? nil : former.stream }
    return sockets[index].phase == .open ? sockets[index].stream : nil
  }

  private func hasMoved(_ index: Int) -> Bool {
    sockets[index].phase == .open && seats[index].isSettled
  }

  /// Something was heard: perhaps that was the last of the move.
  func goOnMoving(_ index: Int) {
    guard !formers.isEmpty, formers[index] != nil, hasMoved(index), seats[index].receipts.awaited == 0 else {
      return
    }
    finishMove(index)
  }

  private func finishMove(_ index: Int) {
    guard let former = formers.removeValue(forKey: index) else { return }
    cancelTimer(index)
    sayGoodbye(over: former.stream)
    table.finish(former.stream)
    release(former.stream)
    figures.moved += 1
    if sockets[index].owed > 0 { catchUp(index, elapsed(.current)) }
  }

  /// The old connection is gone before the new one serves.
  func lostFormer(_ index: Int, _ cause: DropCause) {
    guard formers.removeValue(forKey: index) != nil else { return }
    figures.drops.add(cause)
    figures.dropTimes.add(at: elapsed(.current))
    loseConnection(index)
    if sockets[index].phase == .open { return goOnAlone(index) }
    figures.left += 1
    beAway(index, since: .current)
  }

  /// The new connection is open, so it is away no longer than the answer to its resume takes.
  private func goOnAlone(_ index: Int) {
    if sockets[index].owed > 0 { catchUp(index, elapsed(.current)) }
  }

  /// The new connection did not serve in time.
  func giveUpMoving(_ index: Int) {
    if seats[index].isSettled {
      // Only receipts are missing, and will not come any more.
      loseConnection(index)
      return finishMove(index)
    }
    if let stream = sockets[index].stream { drop(stream) }
    failed(index, .timeout)
  }

  /// The run is over.
  func closeFormers() {
    for former in formers.values {
      sayGoodbye(over: former.stream)
      table.finish(former.stream)
      release(former.stream)
    }
    formers.removeAll()
  }

  private func sayGoodbye(over stream: StreamID) {
    frame.clear()
    FrameWriter.appendClose(.normal, mask: freshMask(), into: &frame)
    transmit(frame, to: stream)
  }
}
