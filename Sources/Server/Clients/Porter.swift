import Bytes
import EventLoop
import FleetState
import TLS
import WireProtocol

/// What has to be known of a newcomer before its handshake is answered: what its session has said, whether its token
/// holds, what it had joined. So a conversation itself never waits for Redis.
final class Porter {
  var accept: ((StreamID, Upgrade, Opening) -> Void)?
  var refuse: ((StreamID, Response) -> Void)?

  private let sockets: Sockets
  private let directory: Directory
  private let counts: SessionCounts
  private let tokens: TokenKeys
  private let hall: ClientsHall
  /// Reconnect tokens are handed out and believed.
  private let knowsTokens: Bool

  init(
    _ sockets: Sockets, directory: Directory, counts: SessionCounts, tokens: TokenKeys, hall: ClientsHall,
    knowsTokens: Bool
  ) {
    self.sockets = sockets
    self.directory = directory
    self.counts = counts
    self.tokens = tokens
    self.hall = hall
    self.knowsTokens = knowsTokens
  }

  // MARK: Sessions

  /// With the `session_id` it goes on; anything but a UUID is as good as none, and none is a new one.
  func chat(_ request: Request, _ upgrade: Upgrade, _ opening: Opening, _ stream: StreamID) -> Desk.Reply {
    var opening = opening
    if let session = request.target.first("session_id").flatMap({ SessionID($0) }) {
      guard directory.isReady else { return .now(Self.away) }
      opening.name = Membership(.none, session.text)
      counts.find(session) { [weak self] answer in
        switch answer {
        case .success(let said):
          opening.said = said
          self?.accept?(stream, upgrade, opening)
        case .failure: self?.refuse?(stream, Self.away)
        }
      }
      return .later
    }
    guard let random = try? Random.bytes(SessionID.byteCount) else { return .now(Self.away) }
    opening.name = Membership(.none, SessionID(random: random).text)
    return .upgrade(upgrade, opening)
  }

  // MARK: Clients

  /// `isFull`: there is room only for somebody who takes the place of another.
  func client(
    _ client: ClientID, _ request: Request, _ upgrade: Upgrade, _ opening: Opening, _ stream: StreamID,
    isFull: Bool
  ) -> Desk.Reply {
    let newcomer = Newcomer(
      client: client, stream: stream, upgrade: upgrade, opening: opening, isFull: isFull)
    let token = Self.token(of: request)
    guard directory.isReady else {
      // Whom nobody has to vouch for may come: this worker's sockets still hear each other.
      if token != nil || isFull { return .now(Self.away) }
      return .upgrade(upgrade, newcomer.named(with: []))
    }
    if let token { judge(token, of: newcomer) } else { enter(newcomer, with: nil) }
    return .later
  }

  private func judge(_ text: String, of newcomer: Newcomer) {
    guard knowsTokens else { return turnAway(newcomer, .invalid) }
    let token = ReconnectToken(text)
    tokens.find { [weak self] answer in
      guard let self else { return }
      guard case .success((let keys, let now)) = answer else {
        return refuse?(newcomer.stream, Self.away) ?? ()
      }
      let judgement = TokenJudgement(
        token, for: newcomer.client, at: now, lifetime: directory.terms.tokenLifetime,
        isSigned: { keys.hasSigned($0, $1) })
      if judgement == .valid { enter(newcomer, with: token) } else { turnAway(newcomer, judgement) }
    }
  }

  private func enter(_ newcomer: Newcomer, with token: ReconnectToken?) {
    let holder = hall.holder(newcomer.stream)
    directory.enter(
      newcomer.client, as: holder, since: UInt64(clamping: WallClock.unixMilliseconds),
      peer: sockets.peerName(of: newcomer.stream), token: token, isFull: newcomer.isFull
    ) { [weak self] answer in
      guard let self else { return }
      switch answer {
      case .success(.entered(let groups, let replaces)):
        accept?(newcomer.stream, newcomer.upgrade, newcomer.named(with: groups, replaces: replaces))
        // It has gone while we looked, or the last seat has.
        if !sockets.isTalking(newcomer.stream) { directory.leave(newcomer.client, as: holder) }
      case .success(.usedToken): turnAway(newcomer, .invalid)
      case .success(.full):
        sockets.count(.overCapacity)
        refuse?(newcomer.stream, .text(.serviceUnavailable, "This server is full.\n").retrying(after: 2))
      case .failure:
        if token != nil || newcomer.isFull { return refuse?(newcomer.stream, Self.away) ?? () }
        // As without Redis; it is told of this one once it can be.
        accept?(newcomer.stream, newcomer.upgrade, newcomer.named(with: []))
        hall.introduce(newcomer.stream)
      }
    }
  }

  /// Accepted, so that the reason reaches it, and closed (CONTRACT 1).
  private func turnAway(_ newcomer: Newcomer, _ judgement: TokenJudgement) {
    sockets.count(.handshake)
    // Not from inside the request: the answer comes when it is awaited.
    sockets.loop.next { [weak self] in
      guard let self else { return }
      accept?(newcomer.stream, newcomer.upgrade, newcomer.opening)
      sockets.close(newcomer.stream, .policyViolation, judgement.rawValue)
    }
  }

  private static func token(of request: Request) -> String? {
    if let token = request.target.first("token") { return token }
    guard let authorization = request.fields["Authorization"] else { return nil }
    let words = authorization.split(separator: " ", maxSplits: 1)
    return words.count == 2 && words[0].lowercased() == "bearer" ? String(words[1]) : nil
  }

  private static var away: Response {
    .text(.serviceUnavailable, "Redis is away, and what it knows of you is needed here.\n").retrying(after: 2)
  }
}

/// Somebody who wants to come in under a name.
private struct Newcomer {
  let client: ClientID
  let stream: StreamID
  let upgrade: Upgrade
  /// Without a name.
  let opening: Opening
  let isFull: Bool

  func named(with groups: [Name], replaces: Bool = false) -> Opening {
    var opening = opening
    opening.replaces = replaces
    opening.name = Membership(AudienceKey(client: client), client.text)
    opening.groups = groups.map { Membership(AudienceKey(group: $0), $0.text) }
    return opening
  }
}
