import Bytes

/// Giving a stream to the table of another process, and taking one in: nothing of it ends, for there the same socket
/// goes on at the same byte.
extension StreamTable {
  /// Nothing of it lies here: all that came has been heard, and all that was said has left.
  package func isAtRest(_ stream: StreamID) -> Bool {
    guard holds(stream) else { return false }
    let record = records[stream.slot]
    return record.phase == .open && record.waitingInput == 0 && record.waitingOutput == 0
      && record.input == .none && record.output == .none && !record.hasEnded && !record.isWaitingTurn
      && !resets.contains(stream.slot)
  }

  /// Somebody has asked for a pause of it.
  package func isPaused(_ stream: StreamID) -> Bool { holds(stream) && records[stream.slot].isHeld }

  /// How many bytes have passed in either direction.
  package func positions(of stream: StreamID) -> (received: UInt64, sent: UInt64)? {
    holds(stream) ? (records[stream.slot].received, records[stream.slot].sent) : nil
  }

  /// Takes in a socket at rest that another process has served up to these positions; it is set aside. Nil (and the
  /// socket closed) when the table is full.
  package func takeIn(_ socket: consuming Descriptor, received: UInt64, sent: UInt64) -> StreamID? {
    guard let stream = adopt(socket) else { return nil }
    bracket(stream.slot) {
      records[stream.slot].received = received
      records[stream.slot].consumed = received
      records[stream.slot].sent = sent
      records[stream.slot].queued = sent
    }
    setAside(stream)
    return stream
  }

  /// Not even its end is noticed from here on: somebody else may hear it now.
  package func setAside(_ stream: StreamID) {
    guard holds(stream) else { return }
    loop.unwatch(descriptors[stream.slot])
    records[stream.slot].isHeld = true
    records[stream.slot].isDeaf = true
  }

  /// One that was set aside is ours, and heard (again).
  package func takeBack(_ stream: StreamID) {
    guard holds(stream) else { return }
    records[stream.slot].forgetWatching()
    do throws(SystemError) {
      try loop.watch(descriptors[stream.slot], for: .readable, by: source, key: key(stream.slot))
    } catch {
      return breakOff(stream)
    }
    updateInterest(stream.slot)
  }

  /// It is another's now: its name is gone here, and its peer notices nothing.
  package func letGo(of stream: StreamID) {
    guard holds(stream) else { return }
    bracket(stream.slot) { free(stream.slot, silently: true) }
  }

  // MARK: The owner's record

  /// The bytes of the owner's record, for another process of the same build.
  package func companion(of stream: StreamID) -> [UInt8] {
    pages.withBytes(at: companionAt(stream), count: limits.companionBytes) { $0.copied() }
  }

  /// The bytes of the owner's record, before anybody believes that they are one.
  package func withCompanion<Result>(of stream: StreamID, _ body: (Span<UInt8>) -> Result) -> Result {
    pages.withBytes(at: companionAt(stream), count: limits.companionBytes, body)
  }

  /// Belongs in a change of the stream. False: these are not the bytes of such a record.
  package func setCompanion(of stream: StreamID, _ bytes: Span<UInt8>) -> Bool {
    guard bytes.count == limits.companionBytes else { return false }
    pages.write(bytes, at: companionAt(stream))
    return true
  }

  private func companionAt(_ stream: StreamID) -> Int {
    layout.companionsAt + stream.slot * limits.companionBytes
  }
}
