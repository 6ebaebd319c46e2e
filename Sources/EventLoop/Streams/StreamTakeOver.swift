import Bytes
import Glibc

/// Going on with streams that another process has left in the table's pages, at the very byte where it stopped.
///
/// The pages are believed only as far as they fit together: a stream whose record does not is reset, the others
/// are not touched by it. All of it can be done again from the start if this process, too, dies on the way.
extension StreamTable {
  package struct TakenOver: Equatable {
    package var streams = 0
    /// Open by their records, but nobody has kept their sockets.
    package var missing = 0
    /// Their records contradict themselves or the kernel.
    package var broken = 0
    /// Whose bytes were in work when the process died.
    package var suspect: StreamID?
  }

  /// Lets go of everything: what happens to the sockets from here on is somebody else's to see.
  package func suspend() {
    isSuspended = true
    again.removeAll()
  }

  /// Of a suspended table: our descriptors are the caller's from here on, who has yet to `unwatch` them.
  package func letGo(_ keep: (StreamID, Int32) -> Void) -> [Int32] {
    var numbers: [Int32] = []
    numbers.reserveCapacity(count)
    for index in descriptors.indices where descriptors[index] >= 0 {
      keep(name(index), descriptors[index])
      numbers.append(descriptors[index])
      descriptors[index] = -1
    }
    return numbers
  }

  /// Watches a socket that is to be taken over soon, for to watch thousands takes longer than clients may wait. Until
  /// then its stirring wakes us in vain.
  package func watchAhead(_ stream: StreamID, _ number: Int32) {
    guard isSuspended, descriptors.indices.contains(stream.slot) else { return }
    let key = key(stream.slot, stream.generation)
    guard (try? loop.watch(number, for: .readable, by: source, key: key)) != nil else { return }
    watchedAhead[stream.slot] = stream.generation
  }

  /// It is not to be taken over after all.
  package func unwatchAhead(_ stream: StreamID, _ number: Int32) {
    if watchedAhead.removeValue(forKey: stream.slot) != nil { loop.unwatch(number) }
  }

  /// Takes over what the pages hold. `socket` gives our descriptor for a stream, to keep; `spill` where its owner
  /// has put bytes of it. `isExact`: the one before us had finished its turn, so that its notes are true.
  package func takeOver(
    isExact: Bool, spill: (StreamID) -> ExtentID, socket: (StreamID) -> Int32?
  ) -> TakenOver {
    var result = TakenOver()
    let left = journal.recover()
    journal.step()
    forgetAll()
    breakUnsound()
    var used: Set<ExtentID> = []
    for index in stride(from: Int(untouched) - 1, through: 0, by: -1) where records[index].phase == .free {
      freed.append(UInt32(index))
    }
    var live: [Int] = []
    for index in 0..<Int(untouched) where records[index].phase != .free {
      guard let number = socket(name(index)) else {
        result.missing += 1
        discard(index)
        continue
      }
      descriptors[index] = number
      let leaving = left?.index == index ? left?.count ?? 0 : 0
      let own = correct(index, isExact: isExact, leaving: leaving, spill: spill(name(index)))
      // What two of them claim is the first one's: nobody hears another's bytes.
      guard let own, used.isDisjoint(with: own), Set(own).count == own.count else {
        result.broken += 1
        reset(index)
        continue
      }
      used.formUnion(own)
      live.append(index)
      journal.step()
    }
    extents.restore(used)
    journal.step()
    // What is given back here is needed once more should we, too, die before the change is whole.
    extents.beginChange()
    if let left, left.count > 0, live.contains(left.index), !queueRest(left) {
      result.broken += 1
      let record = records[left.index]
      for extent in [record.input, record.output] where extent != .none { extents.giveBack(extent) }
      reset(left.index)
      live.removeAll { $0 == left.index }
    }
    journal.end()
    extents.endChange()
    for index in live { rejoin(index) }
    watchedAhead = [:]
    result.streams = live.count
    if let left, left.isSuspect, records[left.index].phase != .free { result.suspect = name(left.index) }
    return result
  }

  /// Every stream there is.
  package func forEachStream(_ body: (StreamID) -> Void) {
    for index in 0..<Int(untouched) where records[index].phase != .free { body(name(index)) }
  }

  private func forgetAll() {
    isSuspended = false
    untouched = UInt32(clamping: min(Int(clamping: untouchedWord.value), limits.streams))
    freed.removeAll(keepingCapacity: true)
    again.removeAll()
    speaking = nil
    answer.clear()
    count = 0
  }

  /// What is no record is taken for one that is broken, before anybody looks at it as one.
  private func breakUnsound() {
    let stride = MemoryLayout<StreamRecord>.stride
    for index in 0..<Int(untouched) {
      let isSound = pages.withBytes(at: layout.recordsAt + index * stride, count: stride) {
        StreamRecord.isSound($0)
      }
      if !isSound { records[index] = StreamRecord(generation: records[index].generation, phase: .broken) }
    }
  }

  /// Puts the record's notes right. Nil when they cannot be; else the extents it goes on using.
  private func correct(_ index: Int, isExact: Bool, leaving: Int, spill: ExtentID) -> [ExtentID]? {
    var record = records[index]
    record.forgetWatching()
    guard record.phase != .connecting, record.phase != .broken else { return nil }
    if !isExact, let kernel = Socket.positions(of: descriptors[index]) {
      record.received = kernel.taken
      record.sent = kernel.given
    }
    guard leaving >= 0, record.sent <= record.queued &+ UInt64(leaving), record.consumed <= record.received
    else { return nil }
    var used: [ExtentID] = []
    if record.waitingInput == 0 {
      record.input = .none
    } else {
      guard holds(record.input, from: record.inputBase, record.consumed..<record.received) else { return nil }
      used.append(record.input)
    }
    if record.sent >= record.queued {
      record.output = .none
    } else {
      guard holds(record.output, from: record.outputBase, record.sent..<record.queued) else { return nil }
      used.append(record.output)
    }
    if spill != .none {
      guard extents.knows(spill) else { return nil }
      used.append(spill)
    }
    records[index] = record
    return used
  }

  private func holds(_ extent: ExtentID, from base: UInt64, _ range: Range<UInt64>) -> Bool {
    extent != .none && extents.knows(extent) && base <= range.lowerBound
      && range.upperBound - base <= UInt64(extents.capacity(of: extent))
  }

  /// What was about to leave when the process died: as far as it has not left, it waits now.
  private func queueRest(_ left: Journal.Left) -> Bool {
    let record = records[left.index]
    guard left.place >= 0, left.place <= pages.byteCount - left.count else { return false }
    let gone = Int(clamping: record.sent &- min(record.sent, record.queued))
    records[left.index].queued = max(record.queued, record.sent)
    if gone >= left.count { return true }
    return pages.withBytes(at: left.place, count: left.count) {
      queueUnwatched($0.extracting(droppingFirst: gone), for: left.index)
    }
  }

  private func rejoin(_ index: Int) {
    count += 1
    let source = source
    let key = key(index)
    if watchedAhead[index] != records[index].generation {
      do {
        try loop.watch(descriptors[index], for: .readable, by: source, key: key)
      } catch {
        // It was ours before and still is.
        loop.rewatch(descriptors[index], for: .readable, by: source, key: key)
      }
    }
    updateInterest(index)
    switch records[index].phase {
    case .free, .connecting, .broken: return
    case .open:
      if records[index].waitingInput > 0 {
        records[index].hasYielded = true
        hearAgain(name(index))
      }
    case .finishing:
      _ = loop.wake(source, key: key, at: loop.now + finishPatience)
      drop(index)
      advanceFinishing(index)
    case .lingering:
      drop(index)
      _ = loop.wake(source, key: key, at: loop.now + Self.linger)
    }
  }

  /// Its peer is told by a reset that this is no regular end.
  private func reset(_ index: Int) {
    let id = name(index)
    Socket.resetOnClose(descriptors[index])
    loop.unwatch(descriptors[index])
    _ = Glibc.close(descriptors[index])
    descriptors[index] = -1
    discard(index)
    onFreed?(id)
  }

  private func discard(_ index: Int) {
    records[index].phase = .free
    records[index].input = .none
    records[index].output = .none
    freed.append(UInt32(index))
  }
}
