import EventLoop
import Glibc

/// The moments of a move at which it matters who dies. `SLUICE_PERIL=kill:taken` ends the first worker of a slot there,
/// `stop:taken` makes it stand still: for tests, and a release build has none of it.
enum Peril: String {
  // The giver's.
  case held, marked, offered, sent, seen, passed
  // The taker's.
  case standing, admitted, announced, kept, taken, half, settled

  #if DEBUG
    private static let planned = Environment.values["SLUICE_PERIL"]
  #endif

  @inline(__always)
  func pass(_ generation: UInt32) {
    #if DEBUG
      if generation != 1 { return }
      if Self.planned == "kill:\(rawValue)" { _ = kill(getpid(), SIGKILL) }
      if Self.planned == "stop:\(rawValue)" { _ = kill(getpid(), SIGSTOP) }
    #endif
  }
}
