/// Frames of which only the first part has left (`--cut`). One of a socket at most, for some milliseconds; what the
/// socket says meanwhile waits behind the rest, so that nothing comes between the two parts.
struct TornFrames {
  private var rests: [Int: [UInt8]] = [:]
  /// The next one last.
  private var order: [(due: UInt64, socket: Int)] = []

  /// When the next rest is to leave, in nanoseconds of the run.
  var due: UInt64? { order.last?.due }

  func holds(_ socket: Int) -> Bool { !rests.isEmpty && rests[socket] != nil }

  mutating func keep(_ rest: [UInt8], of socket: Int, until due: UInt64) {
    precondition(rests[socket] == nil, "a second frame is torn before the first is whole")
    rests[socket] = rest
    let place = order.firstIndex { $0.due <= due } ?? order.endIndex
    order.insert((due, socket), at: place)
  }

  mutating func append(_ frame: [UInt8], behind socket: Int) { rests[socket]?.append(contentsOf: frame) }

  /// The socket whose rest is due by `now`, and that rest.
  mutating func take(dueBy now: UInt64) -> (socket: Int, rest: [UInt8])? {
    guard let due, due <= now, let socket = order.popLast()?.socket,
      let rest = rests.removeValue(forKey: socket)
    else { return nil }
    return (socket, rest)
  }

  /// Before its time, because the socket ends; nil where nothing is torn.
  mutating func take(of socket: Int) -> [UInt8]? {
    guard holds(socket) else { return nil }
    order.removeAll { $0.socket == socket }
    return rests.removeValue(forKey: socket)
  }
}
