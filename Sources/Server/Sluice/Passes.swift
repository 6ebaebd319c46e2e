import EventLoop
import FleetState
import RedisClient
import TLS

/// By what a session of `sluice.v1` is known again: the reconnect tokens of the fleet, for as long as they are good,
/// not once only, for whoever resumes may have to try again.
///
/// The keys are fetched ahead, so that nobody waits for them in the middle of a conversation.
final class Passes {
  /// Tokens can be issued from now on.
  var onKnown: (() -> Void)?

  private let loop: EventLoop
  private let keys: TokenKeys
  private let lifetime: Duration
  private let notes: SlotNotes
  private var active: TokenKeys.Active?
  /// By how many seconds Redis' clock, by which tokens age, is ahead of ours.
  private var ahead: Int64 = 0
  private var renewing: TimerID?

  private static let renewal = Duration.seconds(15)

  init(_ loop: EventLoop, keys: TokenKeys, lifetime: Duration, notes: SlotNotes) {
    self.notes = notes
    self.loop = loop
    self.keys = keys
    self.lifetime = lifetime
  }

  /// The process begins to serve: it knows what the one before knew.
  func begin() {
    let signers = notes.signers
    if let current = signers.first {
      active = TokenKeys.Active(current: current, previous: signers.count > 1 ? signers[1] : nil)
    }
  }

  /// Redis takes commands: now, and every so often.
  func renew() {
    if let renewing { loop.cancel(renewing) }
    renewing = loop.after(Self.renewal) { [weak self] in
      self?.renewing = nil
      self?.renew()
    }
    keys.find { [weak self] answer in
      guard let self else { return }
      if case .success(let found) = answer {
        active = found.keys
        ahead = found.now - Self.ours
        defer { onKnown?() }
        notes.signers = [found.keys.current] + (found.keys.previous.map { [$0] } ?? [])
      }
    }
  }

  var isKnown: Bool { active != nil }

  /// Nil as long as Redis has told no key.
  func issue(to session: ClientID) -> String? {
    guard let active, let nonce = try? Random.bytes(ReconnectToken.nonceBytes) else { return nil }
    return ReconnectToken(issued: now, nonce: nonce, client: session) { active.sign($0) }.text
  }

  /// Whose it is, if we have issued it and it is still good.
  func judge(_ text: String) -> ClientID? {
    guard let active, let token = ReconnectToken(text) else { return nil }
    let judgement = TokenJudgement(token, for: token.client, at: now, lifetime: lifetime) {
      active.hasSigned($0, $1)
    }
    return judgement == .valid ? token.client : nil
  }

  private var now: Int64 { Self.ours + ahead }

  private static var ours: Int64 { WallClock.unixMilliseconds / 1000 }
}
