import Bytes
import EventLoop
import Measurement
import WireProtocol

/// What leaves: messages by the plan, whole or in two parts, and the frames of the protocol. All of it passes `post`,
/// so that no frame comes between the parts of another.
extension Generator {
  private static let lateAfter: UInt64 = 10_000_000
  /// Of what fell due while it was away a socket sends so much when it is back; what is older is never sent.
  private static let mostOwed: UInt32 = 1000

  func sendDue(_ now: UInt64) {
    while let due = ring.due, due <= now {
      let index = ring.take()
      // Nobody could hear it yet: as if it had not opened.
      if !isHeard(index) { continue }
      if voice(of: index) != nil {
        send(index, intended: due)
      } else if sockets[index].hasOpened {
        owe(index, due)
      }
    }
  }

  private func isHeard(_ index: Int) -> Bool {
    switch plan.mode {
    case .sluice: seats[index].isHeard
    case .chat: sockets[hearer(of: index)].hasOpened
    case .echo, .fanout, .idle, .custom: true
    }
  }

  /// Its socket is away: the message is late from here on, or will never be sent.
  private func owe(_ index: Int, _ due: UInt64) {
    if sockets[index].owed == 0 { sockets[index].owedFrom = due }
    sockets[index].owed &+= 1
    blackout.expect(at: due)
  }

  /// The socket is back: what it owes leaves at once, and its latency counts from when it was due.
  func catchUp(_ index: Int, _ now: UInt64) {
    let owed = sockets[index].owed
    sockets[index].owed = 0
    var number: UInt32 = 0
    course.sends(of: first + index, from: sockets[index].owedFrom, through: now) { due in
      number += 1
      if number + Self.mostOwed <= owed { return leaveUnsent(due) }
      figures.overdue += 1
      send(index, intended: due, isOverdue: true)
    }
  }

  private func leaveUnsent(_ due: UInt64) {
    figures.unsent += 1
    figures.recovery.addUnsent(intended: due)
  }

  /// The run is over: what is owed now is never sent.
  func leaveOwedUnsent() {
    for index in sockets.indices where sockets[index].owed > 0 {
      var left = sockets[index].owed
      sockets[index].owed = 0
      course.sends(of: first + index, from: sockets[index].owedFrom, through: plan.duration.wholeNanoseconds)
      {
        if left > 0 {
          leaveUnsent($0)
          left -= 1
        }
      }
      figures.unsent += Int(left)
    }
  }

  private func send(_ index: Int, intended: UInt64, isOverdue: Bool = false) {
    let now = elapsed(.current)
    if now > intended &+ Self.lateAfter && !isOverdue { figures.lateSends += 1 }
    let sequence = sockets[index].audit.send()
    if isSluice { seats[index].receipts.say(sequence) }
    let place = torn.holds(index) ? nil : cut?.place(socket: UInt32(first + index), message: sequence)
    // The plan wants a torn frame whole only after its pause; the server is not to blame for that.
    let pause = place?.pause ?? 0
    sockets[index].outage.expect(at: intended &+ pause)
    blackout.expect(at: intended &+ pause)
    let stamp = Stamp(
      run: run, socket: UInt32(first + index), sequence: sequence, intended: intended &+ pause,
      sent: now &+ pause)
    ordered?.expect(stamp, of: index)
    render(stamp)
    figures.sent += 1
    let isTaken =
      if let place { tear(index, place, due: now &+ pause) } else {
        post(frame, to: index, over: voice(of: index))
      }
    if !isTaken { figures.heldBack += 1 }
  }

  /// The message of `stamp`, into `frame`.
  func render(_ stamp: Stamp) {
    message.clear()
    plan.form.write(
      stamp, size: plan.sizes.size(socket: stamp.socket, message: stamp.sequence), into: &message)
    frame.clear()
    Self.render(message, mask: freshMask(), into: &frame)
  }

  private static func render(_ message: borrowing ByteBuffer, mask: Mask, into frame: inout ByteBuffer) {
    FrameWriter.append(.text, message.bytes, mask: mask, into: &frame)
  }

  func say(_ text: String, _ index: Int) {
    frame.clear()
    FrameWriter.append(.text, Array(text.utf8).span, mask: freshMask(), into: &frame)
    post(frame, to: index)
  }

  func sayGoodbye(_ index: Int) {
    frame.clear()
    FrameWriter.appendClose(.normal, mask: freshMask(), into: &frame)
    post(frame, to: index)
    sockets[index].conversation.beginClose()
  }

  func freshMask() -> Mask { Mask(UInt32(truncatingIfNeeded: random.next())) }

  /// False when the socket could not take it.
  @discardableResult
  func post(_ frame: borrowing ByteBuffer, to index: Int, over stream: StreamID? = nil) -> Bool {
    guard let stream = stream ?? sockets[index].stream else { return false }
    guard torn.holds(index) else { return transmit(frame, to: stream) }
    torn.append(frame.bytes.copied(), behind: index)
    return true
  }

  @discardableResult
  func transmit(_ frame: borrowing ByteBuffer, to stream: StreamID) -> Bool {
    transmit(frame.bytes, to: stream)
  }

  private func transmit(_ bytes: Span<UInt8>, to stream: StreamID) -> Bool {
    guard let wires else { return table.send(bytes, to: stream) }
    return wires.send(bytes, to: stream)
  }

  // MARK: Torn frames

  private func tear(_ index: Int, _ place: FrameCut.Place, due: UInt64) -> Bool {
    guard let stream = sockets[index].stream else { return false }
    let whole = frame.bytes.copied()
    let count = place.first(of: whole.count, header: FrameHeader.longest)
    guard transmit(whole.span.extracting(first: count), to: stream) else { return false }
    torn.keep(Array(whole[count...]), of: index, until: due)
    figures.cut += 1
    return true
  }

  func mendDue(_ now: UInt64) {
    while let (index, rest) = torn.take(dueBy: now) { mend(index, rest) }
  }

  /// The socket ends: nothing may follow a frame that is half sent.
  func mend(_ index: Int) {
    if let rest = torn.take(of: index) { mend(index, rest) }
  }

  private func mend(_ index: Int, _ rest: [UInt8]) {
    guard let stream = sockets[index].stream, !transmit(rest.span, to: stream) else { return }
    // Whatever came next would be read as the missing part.
    drop(stream)
    lost(index, .protocolError)
  }
}
