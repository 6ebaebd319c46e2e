import EventLoop
import FleetState

/// One round over an audience. From the end of each hall: whoever comes meanwhile sits behind it.
struct Walk {
  private let sockets: Sockets
  private var halls: [Hall]
  private var hall: Hall?
  private var members: [StreamID] = []
  private var cursor = 0

  init(_ audience: Audience, of sockets: Sockets) {
    self.sockets = sockets
    switch audience {
    case .halls(let wanted): halls = Hall.allCases.filter { wanted.contains($0) }
    case .members(let key):
      halls = []
      members = sockets.memberships.members(of: key)
      cursor = members.count
    }
  }

  mutating func next() -> StreamID? {
    while true {
      while cursor > 0 {
        cursor -= 1
        // Those who left may have made the hall shorter than the cursor remembers.
        if let hall {
          if let stream = sockets.seat(cursor, of: hall) { return stream }
        } else if sockets.isTalking(members[cursor]) {
          return members[cursor]
        }
      }
      guard let following = halls.popLast() else { return nil }
      hall = following
      cursor = sockets.population(of: following)
    }
  }
}
