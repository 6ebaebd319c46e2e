import EventLoop
import FleetState

/// What sockets are called, and what they have joined.
extension Sockets {
  func isTalking(_ stream: StreamID) -> Bool { table.holds(stream) && self[stream].phase == .talking }

  /// What it is called, if it is called anything.
  func name(of stream: StreamID) -> Membership? { self[stream].hasName ? memberships[stream, 0] : nil }

  func hasJoined(_ stream: StreamID, _ key: AudienceKey) -> Bool {
    memberships.contains(stream, key, of: Int(self[stream].joined))
  }

  /// All it has joined, its name left out.
  func joined(by stream: StreamID) -> [Membership] {
    let first = self[stream].hasName ? 1 : 0
    return (first..<max(first, Int(self[stream].joined))).map { memberships[stream, $0] }
  }

  /// Belongs in a change of the stream. False: it has joined as much as one may, or this already.
  @discardableResult
  func join(_ stream: StreamID, _ membership: Membership) -> Bool {
    let count = Int(self[stream].joined)
    guard count < Membership.most, !hasJoined(stream, membership.key) else { return false }
    memberships.write(membership, of: stream, at: count)
    self[stream].joined += 1
    memberships.index(stream, under: membership.key)
    return true
  }

  /// Gives it another name, or its first. Belongs in a change of the stream.
  func rename(_ stream: StreamID, _ membership: Membership) {
    guard self[stream].hasName else {
      // Names come first.
      precondition(self[stream].joined == 0, "a socket is named before it joins anything")
      self[stream].hasName = join(stream, membership)
      return
    }
    memberships.remove(stream, from: memberships[stream, 0].key)
    memberships.write(membership, of: stream, at: 0)
    memberships.index(stream, under: membership.key)
  }

  /// Belongs in a change of the stream. False: it has not joined that.
  @discardableResult
  func part(_ stream: StreamID, _ key: AudienceKey) -> Bool {
    let count = Int(self[stream].joined)
    guard let index = memberships.index(of: key, stream, count) else { return false }
    memberships.write(memberships[stream, count - 1], of: stream, at: index)
    self[stream].joined -= 1
    memberships.remove(stream, from: key)
    return true
  }
}
