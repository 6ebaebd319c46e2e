import FleetState

/// A socket as its worker lists it.
struct SocketLine: Equatable, Sendable {
  let host: Name
  let slot: Int
  let connection: UInt64
  let socket: OpenSocket

  /// `web-1/0/17`
  var name: String { "\(host)/\(slot)/\(connection)" }

  static func isOlder(_ a: SocketLine, _ b: SocketLine) -> Bool {
    (a.socket.since, a.host.text, a.slot, a.connection) < (
      b.socket.since, b.host.text, b.slot, b.connection
    )
  }
}
