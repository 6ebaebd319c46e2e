import Bytes

/// What comes in: read into an extent, shown to the owner, and what it leaves kept for the next time.
extension StreamTable {
  func receive(_ index: Int) {
    let generation = records[index].generation
    for _ in 0..<Self.readsPerTurn {
      guard let filled = read(index) else { return }
      if records[index].phase == .open { listen(to: index) } else { drop(index) }
      guard records[index].generation == generation, records[index].phase != .free else { return }
      if !filled || records[index].isDeaf || records[index].hasYielded { return }
    }
  }

  /// One read into the stream's extent. True when it came back full, nil when there is nothing to hear.
  private func read(_ index: Int) -> Bool? {
    guard let room = makeReadingRoom(index) else {
      end(index, .overflow)
      return nil
    }
    if room == 0 { return true }
    // Where the bytes will lie stands in the record before they come: a successor finds them there.
    let start = Int(truncatingIfNeeded: records[index].received &- records[index].inputBase)
    let number = descriptors[index]
    journal.step()
    let outcome = extents.withBytes(records[index].input, from: start) {
      Socket.receive(into: &$0, from: number)
    }
    journal.step()
    switch outcome {
    case .bytes(let count):
      bytesIn &+= UInt64(count)
      records[index].received &+= UInt64(count)
      return count == room
    case .notNow:
      bracket(index) { if !keepInput(index) { end(index, .overflow) } }
      return nil
    case .end(let reason):
      if hearOut(index) { settleEnd(index, resets.contains(index) ? .reset : reason) }
      return nil
    }
  }

  /// Sees to it that the stream's input ends in room for a read, and tells how much. Nil: there is none.
  private func makeReadingRoom(_ index: Int) -> Int? {
    let record = records[index]
    let held = record.waitingInput
    if record.input == .none {
      guard let extent = extents.borrowForReading() else { return nil }
      records[index].inputBase = record.received
      records[index].input = extent
      return extents.capacity(of: extent)
    }
    let free = extents.capacity(of: record.input) - record.inputStart - held
    if record.input.size == Extents.readSize, free >= Self.leastRead || record.inputStart == 0 { return free }
    guard let extent = extents.borrowForReading() else { return nil }
    bracket(index) { moveInput(index, to: extent) }
    return extents.capacity(of: extent) - held
  }

  private static let leastRead = 64 << 10

  /// What waits goes to another extent. It is copied, never moved in place: a change that is undone needs it there.
  private func moveInput(_ index: Int, to extent: ExtentID) {
    let record = records[index]
    let start = record.inputStart
    extents.withBytes(record.input) { source in
      let kept = source.span.extracting(start..<start + record.waitingInput)
      extents.withBytes(extent) { $0.replace(at: 0, with: kept) }
    }
    records[index].input = extent
    journal.step()
    records[index].inputBase = record.consumed
    extents.giveBack(record.input)
  }

  /// The peer has said its last: what the owner put off is heard first. False when the stream went meanwhile,
  /// or does not listen now: then its end is met again after the rest.
  private func hearOut(_ index: Int) -> Bool {
    let id = name(index)
    var left = Int.max
    while holds(id), records[index].hasYielded, records[index].waitingInput > 0, !records[index].isDeaf,
      records[index].phase == .open
    {
      // An owner that neither takes a byte nor stops yielding has had its chance.
      if records[index].waitingInput >= left { break }
      left = records[index].waitingInput
      listen(to: index)
    }
    return holds(id) && !records[index].isDeaf
  }

  private func settleEnd(_ index: Int, _ reason: StreamEnd) {
    switch records[index].phase {
    case .free: return
    case .lingering: end(index, .closed)
    case .finishing where reason == .eof:
      // It has only closed its own side, and is still owed what is queued.
      drop(index)
      records[index].hasEnded = true
      updateInterest(index)
    case .finishing, .connecting, .open, .broken: end(index, reason)
    }
  }

  /// The first of the bytes that have come and wait for the owner.
  package func pendingInput(of stream: StreamID, atMost most: Int) -> [UInt8] {
    guard holds(stream), records[stream.slot].input != .none else { return [] }
    let record = records[stream.slot]
    return extents.withBytes(record.input) {
      $0.span.extracting(record.inputStart..<record.inputStart + min(most, record.waitingInput)).copied()
    }
  }

  func listen(to index: Int) {
    bracket(index) { listenInChange(index) }
  }

  private func listenInChange(_ index: Int) {
    let id = name(index)
    let record = records[index]
    let held = record.waitingInput
    let start = record.inputStart
    speaking = id
    records[index].hasYielded = false
    let used = extents.withBytes(record.input) {
      owner?.received(id, $0.span.extracting(start..<start + held)) ?? held
    }
    speaking = nil
    guard holds(id) else {
      answer.clear()
      return extents.giveBack(record.input)
    }
    records[index].consumed &+= UInt64(max(0, min(used, held)))
    let isFinishing = records[index].phase == .finishing
    // An owner that is done with nothing although the extent is full would never be done.
    let isStuck = used == 0 && start == 0 && held == extents.capacity(of: record.input)
    if isFinishing {
      drop(index)
    } else if isStuck && record.input.size == Extents.readSize && !records[index].isHeld
      && !records[index].hasYielded
    {
      return end(index, .overflow)
    } else if !keepInput(index) {
      return end(index, .overflow)
    }
    // An answer that is left out would be a message lost in silence.
    if settleAnswer(id) != .taken { return end(index, .overflow) }
    if isFinishing { advanceFinishing(index) }
  }

  /// Moves what is not consumed into an extent of its size, so that a waiting socket holds little. False: no room.
  func keepInput(_ index: Int) -> Bool {
    let record = records[index]
    let rest = record.waitingInput
    if rest == 0 {
      drop(index)
      return true
    }
    if extents.fits(rest, tightly: record.input) { return true }
    guard let smaller = extents.borrow(atLeast: rest) else { return false }
    moveInput(index, to: smaller)
    return true
  }

  func drop(_ index: Int) {
    let extent = records[index].input
    records[index].consumed = records[index].received
    if extent == .none { return }
    records[index].input = .none
    extents.giveBack(extent)
  }
}
