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
    let kept = Int(records[index].inputCount)
    let old = records[index].input
    if kept == Extents.sizes[Extents.readSize] { return true }
    guard let extent = kept > 0 && old.size == Extents.readSize ? old : extents.borrowForReading()
    else {
      end(index, .overflow)
      return nil
    }
    if kept > 0 && old != extent {
      extents.withBytes(old) { source in
        extents.withBytes(extent) { $0.replace(at: 0, with: source.span.extracting(first: kept)) }
      }
      extents.giveBack(old)
    }
    records[index].input = extent
    let descriptor = records[index].descriptor
    let outcome = extents.withBytes(extent, from: kept) { Socket.receive(into: &$0, from: descriptor) }
    switch outcome {
    case .bytes(let count):
      bytesIn &+= UInt64(count)
      records[index].received &+= UInt64(count)
      records[index].inputCount = UInt32(kept + count)
      return kept + count == extents.capacity(of: extent)
    case .notNow:
      keepInput(index, from: 0)
      return nil
    case .end(let reason):
      if hearOut(index) { settleEnd(index, reason) }
      return nil
    }
  }

  /// The peer has said its last: what the owner put off is heard first. False when the stream went meanwhile,
  /// or does not listen now: then its end is met again after the rest.
  private func hearOut(_ index: Int) -> Bool {
    let id = name(index)
    var left = UInt32.max
    while holds(id), records[index].hasYielded, records[index].inputCount > 0, !records[index].isDeaf,
      records[index].phase == .open
    {
      // An owner that neither takes a byte nor stops yielding has had its chance.
      if records[index].inputCount >= left { break }
      left = records[index].inputCount
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

  func listen(to index: Int) {
    let id = name(index)
    let held = Int(records[index].inputCount)
    let extent = records[index].input
    speaking = id
    records[index].hasYielded = false
    let used = extents.withBytes(extent) { owner?.received(id, $0.span.extracting(first: held)) ?? held }
    speaking = nil
    guard holds(id) else {
      answer.clear()
      extents.giveBack(extent)
      return
    }
    if !answer.isEmpty {
      let delivery = deliver(answer.bytes, to: index)
      answer.clear()
      answer.trim(above: 1 << 20)
      // An answer that is left out would be a message lost in silence.
      if delivery != .taken { return end(index, .overflow) }
    }
    if records[index].phase == .finishing {
      drop(index)
      return advanceFinishing(index)
    }
    // An owner that is done with nothing although the extent is full would never be done.
    let isStuck = used == 0 && held == extents.capacity(of: extent) && extent.size == Extents.readSize
    if isStuck && !records[index].isHeld && !records[index].hasYielded { return end(index, .overflow) }
    keepInput(index, from: max(0, min(used, held)))
  }

  /// Moves the unconsumed rest into an extent of its size, so that a waiting socket holds little.
  func keepInput(_ index: Int, from used: Int) {
    let extent = records[index].input
    let rest = Int(records[index].inputCount) - used
    if rest > 0, extents.fits(rest, tightly: extent) {
      extents.moveToFront(extent, from: used, count: rest)
      records[index].inputCount = UInt32(rest)
    } else if rest > 0, let smaller = extents.borrow(atLeast: rest) {
      extents.withBytes(extent) { source in
        let kept = source.span.extracting(used..<used + rest)
        extents.withBytes(smaller) { $0.replace(at: 0, with: kept) }
      }
      records[index].input = smaller
      records[index].inputCount = UInt32(rest)
      extents.giveBack(extent)
    } else if rest > 0 {
      end(index, .overflow)
    } else {
      records[index].input = .none
      records[index].inputCount = 0
      extents.giveBack(extent)
    }
  }

  func drop(_ index: Int) {
    if records[index].input == .none { return }
    records[index].inputCount = 0
    keepInput(index, from: 0)
  }
}
