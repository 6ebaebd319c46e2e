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
        active = found
        defer { onKnown?() }
        notes.signers = [found.current] + (found.previous.map { [$0] } ?? [])
      }
    }
  }

  var isKnown: Bool { active != nil }

  /// Nil as long as Redis has told no key.
  func issue(to session: ClientID) -> String? {
    guard let active, let nonce = try? Random.bytes(ReconnectToken.nonceBytes) else { return nil }
    return ReconnectToken(issued: Self.now, nonce: nonce, client: session) { active.sign($0) }.text
  }

  /// Whose it is, if we have issued it and it is still good.
  func judge(_ text: String) -> ClientID? {
    guard let active, let token = ReconnectToken(text) else { return nil }
    let judgement = TokenJudgement(token, for: token.client, at: Self.now, lifetime: lifetime) {
      active.hasSigned($0, $1)
    }
    return judgement == .valid ? token.client : nil
  }

  private static var now: Int64 { Int64(WallClock.unixNanoseconds / 1_000_000_000) }
}
