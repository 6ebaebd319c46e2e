import EventLoop

/// A gate's own record on the board.
final class GateLedger {
  private let board: Board
  private let place: Int

  init(_ board: Board, slot: Int, generation: UInt32) {
    self.board = board
    place = GateCounters.place(slot: slot, generation: generation)
  }

  var counters: GateCounters {
    _read { yield board[gate: place] }
    _modify { yield &board[gate: place] }
  }

  func failed(_ failure: GateFailure) { counters.failures[failure.rawValue] &+= 1 }
}

extension Board {
  /// Gates of a slot that have a record and live. A number may be a stranger's by now, so the name has to be right, too.
  func livingGates(of slot: Int) -> [(place: Int, pid: Int32)] {
    let first = slot * GateCounters.perSlot
    return (first..<first + GateCounters.perSlot).compactMap { place in
      let pid = self[gate: place].pid
      guard pid > 1, let name = try? SmallFile.read("/proc/\(pid)/comm"), name == "wsserver/g\(slot)\n",
        ProcessWatch.isAlive(pid)
      else { return nil }
      return (place, pid)
    }
  }
}
