import EventLoop

extension WorkerSlot {
  /// Its worker is to give another slot's some of its sockets. False: not now.
  func give(_ count: Int, to other: WorkerSlot) throws(SystemError) -> Bool {
    guard phase == .serving, other.phase == .serving, let worker, let taker = other.worker else {
      return false
    }
    return try SlotProcess.join(worker, number, to: taker, other.number, count: count)
  }
}
