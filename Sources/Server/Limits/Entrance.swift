import EventLoop
import WireProtocol

/// Whether one more WebSocket may come in: which page sends it, how fast they come, how many there are.
///
/// In: a request before its handshake is answered, then the moment it is. Out: nil, or what the client is told.
final class Entrance {
  private let sockets: Sockets
  private let limits: LimitSettings
  private let rate: Allowance?
  private var spent: UInt64 = 0

  init(_ sockets: Sockets, _ limits: LimitSettings) {
    self.sockets = sockets
    self.limits = limits
    // The kernel spreads connections evenly over the workers, so each of them has its share of the rate.
    rate = limits.connectionsPerSecond.map { Allowance(perSecond: max(1, $0 / sockets.board.slotCount)) }
  }

  func refusal(of request: Request) -> Response? {
    if !isWelcome(request.fields["Origin"]) {
      sockets.count(.foreignOrigin)
      return .text(.forbidden, "Pages from there may not connect: see allowed_origins.\n")
    }
    guard let rate else { return nil }
    let now = sockets.loop.now.nanoseconds
    if let until = rate.pause(spent, at: now) {
      sockets.count(.overRate)
      return Self.unavailable(
        "Too many connections at once.\n", seconds: Int((until - now) / 1_000_000_000) + 1)
    }
    rate.spend(1, from: &spent, at: now)
    return nil
  }

  /// A program that is no browser sends no origin, and could send any: it is not who this keeps out.
  private func isWelcome(_ origin: String?) -> Bool {
    guard let allowed = limits.allowedOrigins, let origin else { return true }
    return Origin(origin).map { allowed.contains($0) } ?? false
  }

  /// Sockets the host may have; nil for no limit.
  var most: Int? { limits.maxConnections }

  /// Whoever comes now finds no seat, unless another goes for it.
  var isFull: Bool { limits.maxConnections.map { sockets.board.sockets >= UInt64($0) } ?? false }

  /// Takes a seat for a socket that is opened in this very turn; `settle` follows.
  func claim() -> Response? {
    guard let most = limits.maxConnections else { return nil }
    if sockets.board.claimSeat(sockets.slot, most: UInt64(most)) { return nil }
    sockets.count(.overCapacity)
    return Self.unavailable("This server is full.\n", seconds: 2)
  }

  /// The socket is counted as open now.
  func settle() { sockets.board[sockets.slot].claims = 0 }

  private static func unavailable(_ text: String, seconds: Int) -> Response {
    Response.text(.serviceUnavailable, text).retrying(after: seconds)
  }
}
