import EventLoop
import FleetState

/// Changing hands.
extension Sockets {
  /// The first process of the slot: nobody is there yet.
  func beginFresh() {
    isSuspended = false
    board.withdrawDeeds(of: slot)
    board.settleDeeds(takenBy: slot)
    board[slot].connections = 0
    board[slot].open = InlineArray(repeating: 0)
    commons[0].drain = board[slot].drain
  }

  /// Somebody else is about to serve them: nothing is touched from here on.
  func suspend() {
    noteTraffic()
    isSuspended = true
    table.suspend()
    forgetOwn()
  }

  /// Goes on with what the pages hold.
  func takeOver(isExact: Bool, socket: (StreamID) -> Int32?) -> StreamTable.TakenOver {
    forgetOwn()
    isSuspended = false
    board.withdrawDeeds(of: slot)
    var others = 0
    var strange = 0
    var taken = table.takeOver(isExact: isExact, spill: { self[$0].storedPart }) { [self] stream in
      // What is none of ours is not looked at as one.
      if !table.withCompanion(of: stream, { SocketRecord.isSound($0) }) {
        strange += 1
        return nil
      }
      if isOurs(stream) { return socket(stream) }
      others += 1
      return nil
    }
    taken.missing -= others + strange
    taken.broken += strange
    var streams: [StreamID] = []
    streams.reserveCapacity(taken.streams)
    table.forEachStream { streams.append($0) }
    // Should we die in the middle of it, the next one begins with it again.
    if slotPages.version != PageLayout.version { for stream in streams { self[stream].forgetNewest() } }
    slotPages.stamp()
    for stream in streams { rejoin(stream) }
    board.settleDeeds(takenBy: slot)
    board[slot].connections = UInt64(streams.count)
    for hall in Hall.allCases { board[slot].open[Int(hall.rawValue)] = UInt64(population(of: hall)) }
    settleMissing()
    return taken
  }

  private func rejoin(_ stream: StreamID) {
    switch self[stream].phase {
    case .vacant:
      table.change(stream) {
        self[stream] = SocketRecord()
        self[stream].phase = .asking
      }
    case .asking: if self[stream].isMidRequest { return drop(stream) }
    case .closing: return setAlarm(stream, at: loop.now + Self.closePatience)
    case .talking:
      if isPassing(stream) { table.change(stream) { self[stream].batch = 0 } }
      takeSeatAgain(stream)
    }
    onRejoin?(stream)
  }

  /// Of those a drain has to account for, the ones that are neither here nor ended in the open were lost.
  private func settleMissing() {
    if drain.number == 0 { return board[slot].drain = drain }
    let here = seats.joined().count { UInt64(self[$0].drain) == drain.number }
    drain.lost = drain.start &- min(drain.start, drain.kept &+ UInt64(here))
  }

  private func forgetOwn() {
    for index in alarms.indices {
      if let alarm = alarms[index] { loop.cancel(alarm) }
      alarms[index] = nil
    }
    for hall in seats.indices { seats[hall].removeAll() }
    readers = InlineArray(repeating: 0)
    memberships.forgetAll()
  }
}
