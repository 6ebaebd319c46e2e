import Bytes
import EventLoop
import FleetState
import WireProtocol

/// Passing sockets on to another slot, and taking them in from one. Each says in its record of which batch it is, so
/// that heirs of both sides know whose it is by the deed of that batch alone.
extension Sockets {
  /// It is on its way from one slot to another.
  @inline(__always)
  func isPassing(_ stream: StreamID) -> Bool { self[stream].batch != 0 }

  /// Whether a socket in our pages is ours: what we have given, or were offered and did not take, is not.
  func isOurs(_ stream: StreamID) -> Bool {
    guard isPassing(stream), self[stream].giver < UInt32(board.slotCount) else { return true }
    let giver = Int(self[stream].giver)
    let isGiven = board.deedWord(of: giver).deed.hasGiven(self[stream].batch)
    return giver == slot ? !isGiven : isGiven
  }

  /// All that there is of it can be passed on: nothing is half said, half heard or being looked up for it.
  ///
  /// Those of `clients` stay: which worker has a name, Redis knows, and it would have to learn it in the same step. Those
  /// who watch a task stay as long as it is being looked up for them; of `sluice.v1` that cannot be seen.
  func isMovable(_ stream: StreamID) -> Bool {
    guard isTalking(stream), !isPassing(stream), table.isAtRest(stream) else { return false }
    let record = self[stream]
    let isLookingUp = record.hall == .tasks && (record.dress == .sluice || record.place == .last)
    return record.hall != .clients && !isLookingUp && record.course != .behind && record.resuming == .no
      && !record.hasLost
      && !record.isHinted && record.part == .none && record.conversation.held == 0
      && record.resumeAt == Moment(nanoseconds: .max)
  }

  // MARK: Giving

  /// Nothing of ours touches it from here on.
  func setAside(_ stream: StreamID, in batch: UInt32) {
    table.change(stream) {
      self[stream].batch = batch
      self[stream].giver = UInt32(slot)
    }
    setAlarm(stream, at: nil)
    table.setAside(stream)
  }

  /// Nothing came of it.
  func keep(_ stream: StreamID) {
    table.change(stream) { self[stream].batch = 0 }
    table.takeBack(stream)
    onRejoin?(stream)
  }

  /// Another slot has it: it is no longer counted here, and nothing of it has ended.
  func passOn(_ stream: StreamID) {
    table.change(stream) {
      leaveSeat(stream)
      self[stream].phase = .vacant
      self[stream].batch = 0
      board[slot].connections &-= 1
      table.letGo(of: stream)
    }
    onCount?()
  }

  // MARK: Taking

  /// Takes in what another slot offers, as it was at `place` of the stream; it is not ours before the deed says so. Nil:
  /// there is no room, or no sense in it.
  func takeIn(
    _ parcel: Parcel, _ socket: consuming Descriptor, batch: UInt32, from giver: Int, at place: EntryID
  ) -> StreamID? {
    guard let stream = table.takeIn(socket, received: parcel.received, sent: parcel.sent) else { return nil }
    board[slot].connections &+= 1
    var isTaken = false
    table.change(stream) {
      isTaken = SocketRecord.isSound(parcel.record.span) && table.setCompanion(of: stream, parcel.record.span)
      if !isTaken { self[stream] = SocketRecord() }
      if self[stream].phase != .talking { isTaken = false }
      if Int(self[stream].joined) != parcel.memberships.count { isTaken = false }
      self[stream].batch = batch
      self[stream].giver = UInt32(giver)
      self[stream].drain = 0
      self[stream].ending = .left
      self[stream].spoken = 0
      // All it has heard was before `place`, and we have not come farther ourselves.
      self[stream].place = self[stream].course == .ahead ? max(place, self[stream].place) : place
      self[stream].course = .ahead
      for (index, membership) in parcel.memberships.enumerated() {
        memberships.write(membership, of: stream, at: index)
      }
    }
    if isTaken { return stream }
    refuse(stream)
    return nil
  }

  /// It stays with whoever has offered it.
  func refuse(_ stream: StreamID) {
    table.change(stream) {
      self[stream].phase = .vacant
      self[stream].batch = 0
      board[slot].connections &-= 1
      table.letGo(of: stream)
    }
  }

  /// It is ours: counted, heard, and told what is said from here on.
  func settleIn(_ stream: StreamID) {
    guard table.holds(stream) else { return }
    table.change(stream) {
      self[stream].batch = 0
      takeSeatAgain(stream)
    }
    board[slot].open[Int(self[stream].hall.rawValue)] = UInt64(population(of: self[stream].hall))
    table.takeBack(stream)
    onRejoin?(stream)
    onCount?()
  }

  /// One that sat elsewhere, or under another process, before.
  func takeSeatAgain(_ stream: StreamID) {
    takeSeat(stream)
    for index in 0..<min(Int(self[stream].joined), Membership.most) {
      memberships.index(stream, under: memberships[stream, index].key)
    }
  }
}
