import EventLoop
import Glibc

/// Hears when a run, or an agent, is to end before its time: by Ctrl-C, a kill, a terminal that is closed, or a key.
///
/// From its making on no such signal ends the process by itself: what comes early waits for the loop.
final class EarlyEnd {
  /// Each time it is asked for; at once, if it has been already.
  var onAsk: (() -> Void)? { didSet { if askedAt != nil { onAsk?() } } }
  /// The terminal's window has another size.
  var onResize: (() -> Void)?
  /// The first time.
  private(set) var askedAt: Moment?

  private var last: Moment?
  private var signals: Signals?

  /// `timeout` sends its signal twice, and fingers bounce: within a second it is the same wish.
  private static let bounce = Duration.seconds(1)

  init(_ loop: EventLoop) throws(SystemError) {
    let hangup = Signals.isIgnored(SIGHUP) ? [] : [SIGHUP]
    signals = try Signals(loop, [SIGINT, SIGTERM, SIGPIPE, SIGWINCH] + hangup) { [weak self] in self?.take($0)
    }
  }

  func ask() {
    let now = Moment.current
    if let last, now < last + Self.bounce { return }
    last = now
    if askedAt == nil { askedAt = now }
    onAsk?()
  }

  private func take(_ signal: Int32) {
    switch signal {
    case SIGPIPE: return
    case SIGWINCH: onResize?()
    case _: ask()
    }
  }
}
