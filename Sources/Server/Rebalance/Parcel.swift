import Bytes
import EventLoop
import FleetState

/// One socket on its way to another slot: all that is known of it, beside its descriptor.
struct Parcel {
  var received: UInt64 = 0
  var sent: UInt64 = 0
  var record: [UInt8] = []
  var memberships: [Membership] = []

  init() {}

  /// Of one that is set aside. Nil when it is gone.
  init?(_ stream: StreamID, of sockets: Sockets) {
    guard let positions = sockets.table.positions(of: stream) else { return nil }
    received = positions.received
    sent = positions.sent
    record = sockets.table.companion(of: stream)
    let count = min(Int(sockets[stream].joined), Membership.most)
    memberships = (0..<count).map { sockets.memberships[stream, $0] }
  }
}
