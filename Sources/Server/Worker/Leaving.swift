import EventLoop
import FleetState
import WireProtocol

/// The worker's part in a drain: no new sockets, then those go whom the supervisor says.
final class Leaving {
  private(set) var isDraining = false

  /// A socket that still talks is about to be closed.
  var farewell: ((StreamID) -> Void)?

  /// A drain has begun that gives a socket its slot for moving on by itself.
  var hint: ((StreamID, Duration) -> Void)?

  private let sockets: Sockets
  private let log: Log
  private let pid = Machine.pid

  init(_ sockets: Sockets, log: Log) {
    self.sockets = sockets
    self.log = log
  }

  func begin(_ number: UInt32, timeoutSeconds: Int) {
    isDraining = true
    sockets.beginDrain(number)
    sockets.board[sockets.slot].state = .draining
    let timeout = Duration.seconds(timeoutSeconds)
    giveSlots(within: timeout / 2)
    log.info(DrainWords.initiated(worker: pid, timeout: timeout), event: "shutdown_initiated")
  }

  /// Each socket that can move on by itself has its own moment, so that they do not all come to the next server at
  /// once.
  private func giveSlots(within window: Duration) {
    let movers = Hall.allCases.flatMap { hall in
      (0..<sockets.population(of: hall)).compactMap { sockets.seat($0, of: hall) }
    }.filter { sockets[$0].dress == .sluice }
    for (index, stream) in movers.enumerated() {
      sockets.table.change(stream) { hint?(stream, window * index / max(1, movers.count)) }
    }
  }

  /// For a process that does not serve yet.
  func note(isDraining: Bool) { self.isDraining = isDraining }

  func takeBack() {
    isDraining = false
    sockets.forgetDrain()
    sockets.board[sockets.slot].state = .serving
    log.info("[worker=\(pid)] Drain taken back → serving again", event: "drain_taken_back")
  }

  func report(sockets count: Int, remainingSeconds: Int) {
    let remaining = Duration.seconds(remainingSeconds)
    log.info(
      DrainWords.progress(worker: pid, open: count, remaining: remaining), event: "shutdown_progress")
  }

  func complete() { log.info(DrainWords.complete(worker: pid), event: "shutdown_complete") }

  /// Closes up to `count` sockets: 1001 in `chat`, 1012 elsewhere (CONTRACT 5).
  func close(_ count: Int, _ ending: Order.Ending) {
    var left = count
    for hall in Hall.allCases {
      let code: CloseCode = hall == .chat ? .goingAway : .serviceRestart
      // From the last seat on, so that the ones before it keep theirs.
      while left > 0, let stream = sockets.lastSeat(of: hall) {
        sockets.table.change(stream) { farewell?(stream) }
        switch ending {
        case .paced:
          sockets.close(stream, code, "server restart", as: .paced)
        case .forced:
          sockets.close(stream, code, "server restart", as: .forced)
          // Its answer is not waited for: what is queued leaves, and the stream with it.
          sockets.table.finish(stream)
        }
        left -= 1
      }
    }
  }
}
