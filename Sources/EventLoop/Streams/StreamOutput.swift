import Bytes
import Glibc

/// What goes out: at once as far as the kernel takes it, the rest from an extent when it takes more.
extension StreamTable {
  enum Delivery {
    case taken
    /// Not a byte of it went: the stream is as it was.
    case refused
    /// A part has gone and there is no room for the rest.
    case cut
  }

  /// How far the stream's answers have come, counted from its beginning; nil when it is gone.
  package func output(of stream: StreamID) -> (sent: UInt64, queued: UInt64)? {
    holds(stream) ? (records[stream.slot].sent, records[stream.slot].queued) : nil
  }

  func deliver(_ bytes: Span<UInt8>, to index: Int) -> Delivery {
    var sent = 0
    if records[index].waitingOutput == 0 {
      let taken = Socket.send(bytes, to: descriptors[index])
      if taken < 0 {
        // The read side will tell of the end; until then nothing more is queued.
        if taken == -Int(ECONNRESET) { resets.insert(index) }
        return .taken
      }
      journal.step()
      sent = taken
      bytesOut &+= UInt64(taken)
      records[index].sent &+= UInt64(taken)
      records[index].queued = records[index].sent
      if sent == bytes.count { return .taken }
    }
    if queue(bytes.extracting(droppingFirst: sent), for: index) { return .taken }
    return sent == 0 ? .refused : .cut
  }

  func queue(_ bytes: Span<UInt8>, for index: Int) -> Bool {
    guard queueUnwatched(bytes, for: index) else { return false }
    updateInterest(index)
    return true
  }

  func queueUnwatched(_ bytes: Span<UInt8>, for index: Int) -> Bool {
    let held = records[index].waitingOutput
    if held + bytes.count > limits.output { return false }
    guard makeRoom(bytes.count, index) else { return false }
    let end = records[index].outputStart + held
    extents.withBytes(records[index].output) { $0.replace(at: end, with: bytes) }
    records[index].queued &+= UInt64(bytes.count)
    return true
  }

  /// Room for `extra` bytes behind what waits already, in a larger extent if need be. What waits is never moved in
  /// place: a change that is undone needs it where it was.
  private func makeRoom(_ extra: Int, _ index: Int) -> Bool {
    let record = records[index]
    let held = record.waitingOutput
    let start = record.outputStart
    if record.output != .none, start + held + extra <= extents.capacity(of: record.output) { return true }
    guard let larger = extents.borrow(atLeast: held + extra) else { return false }
    if record.output != .none {
      extents.withBytes(record.output) { source in
        let waiting = source.span.extracting(start..<start + held)
        extents.withBytes(larger) { $0.replace(at: 0, with: waiting) }
      }
      extents.giveBack(record.output)
    }
    records[index].output = larger
    journal.step()
    records[index].outputBase = record.sent
    return true
  }

  func flush(_ index: Int) {
    let record = records[index]
    if record.waitingOutput > 0 {
      let start = record.outputStart
      let sent = extents.withBytes(record.output) {
        Socket.send($0.span.extracting(start..<start + record.waitingOutput), to: descriptors[index])
      }
      if sent < 0 { return end(index, .reset) }
      journal.step()
      bytesOut &+= UInt64(sent)
      records[index].sent &+= UInt64(sent)
      if records[index].waitingOutput == 0 { bracket(index) { dropOutput(index) } }
    }
    updateInterest(index)
    if records[index].phase == .finishing { advanceFinishing(index) }
  }

  func dropOutput(_ index: Int) {
    if records[index].output != .none { extents.giveBack(records[index].output) }
    records[index].output = .none
    records[index].queued = records[index].sent
  }

  func updateInterest(_ index: Int) {
    let record = records[index]
    let waiting = record.waitingOutput
    // Half the mark to start again, so that the interest does not flicker.
    let pause = record.isReadPaused ? waiting > Self.readPauseAt / 2 : waiting > Self.readPauseAt
    let wants = waiting > 0
    // A finished stream is only heard for its end.
    let deaf = record.phase == .finishing ? record.hasEnded : pause || record.isHeld || record.hasEnded
    if pause == record.isReadPaused && wants == record.wantsWrite && deaf == record.isDeaf { return }
    records[index].isReadPaused = pause
    records[index].wantsWrite = wants
    records[index].isDeaf = deaf
    if record.isDeaf && !deaf && record.waitingInput > 0 {
      records[index].hasYielded = true
      hearAgain(name(index))
    }
    // Until it stands, a connection is watched for that alone.
    if record.phase != .connecting { watchInterest(index) }
  }

  func watchInterest(_ index: Int) {
    var interest: Readiness = records[index].isDeaf ? [] : .readable
    if records[index].wantsWrite { interest.insert(.writable) }
    loop.rewatch(descriptors[index], for: interest, by: source, key: key(index))
  }

  func advanceFinishing(_ index: Int) {
    guard records[index].phase == .finishing, records[index].waitingOutput == 0 else { return }
    records[index].phase = .lingering
    Socket.shutdownWrite(descriptors[index])
    journal.step()
    _ = loop.wake(source, key: key(index), at: loop.now + Self.linger)
  }
}
