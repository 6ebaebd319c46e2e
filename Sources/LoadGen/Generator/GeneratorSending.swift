import Bytes
import EventLoop
import Measurement
import WireProtocol

/// What leaves: messages by the plan, whole or in two parts, and the frames of the protocol. All of it passes `post`,
/// so that no frame comes between the parts of another.
extension Generator {
  private static let lateAfter: UInt64 = 10_000_000

  func sendDue(_ now: UInt64) {
    while let due = ring.due, due <= now {
      let index = ring.take()
      if sockets[index].phase == .open {
        send(index, intended: due)
      } else if sockets[index].hasOpened {
        figures.unsent += 1
      }
    }
  }

  private func send(_ index: Int, intended: UInt64) {
    let now = elapsed(.current)
    if now > intended &+ Self.lateAfter { figures.lateSends += 1 }
    let sequence = sockets[index].audit.send()
    let place = torn.holds(index) ? nil : cut?.place(socket: UInt32(first + index), message: sequence)
    // The plan wants a torn frame whole only after its pause; the server is not to blame for that.
    let pause = place?.pause ?? 0
    sockets[index].outage.expect(at: intended &+ pause)
    let stamp = Stamp(
      run: run, socket: UInt32(first + index), sequence: sequence, intended: intended &+ pause,
      sent: now &+ pause)
    message.clear()
    stamp.write(size: plan.size, into: &message)
    frame.clear()
    Self.render(message, mask: freshMask(), into: &frame)
    figures.sent += 1
    let isTaken = if let place { tear(index, place, due: now &+ pause) } else { post(frame, to: index) }
    if !isTaken { figures.heldBack += 1 }
  }

  private static func render(_ message: borrowing ByteBuffer, mask: Mask, into frame: inout ByteBuffer) {
    FrameWriter.append(.text, message.bytes, mask: mask, into: &frame)
  }

  func freshMask() -> Mask { Mask(UInt32(truncatingIfNeeded: random.next())) }

  /// False when the socket could not take it.
  @discardableResult
  func post(_ frame: borrowing ByteBuffer, to index: Int) -> Bool {
    guard let stream = sockets[index].stream else { return false }
    guard torn.holds(index) else { return table.send(frame.bytes, to: stream) }
    torn.append(frame.bytes.copied(), behind: index)
    return true
  }

  // MARK: Torn frames

  private func tear(_ index: Int, _ place: FrameCut.Place, due: UInt64) -> Bool {
    guard let stream = sockets[index].stream else { return false }
    let whole = frame.bytes.copied()
    let count = place.first(of: whole.count, header: FrameHeader.longest)
    guard table.send(whole.span.extracting(first: count), to: stream) else { return false }
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
    guard let stream = sockets[index].stream, !table.send(rest.span, to: stream) else { return }
    // Whatever came next would be read as the missing part.
    drop(stream)
    lost(index, .protocolError)
  }
}
