import EventLoop
import FleetState

/// Looks whether what a worker says it holds is what it holds: records against descriptors, seats against counts.
struct Audit {
  /// One kind of gap, and how often it was found and mended.
  struct Gap: Equatable {
    enum Kind: String {
      /// A record whose socket is gone: nobody would ever hear of its end.
      case ghost
      /// A count that is not what there is.
      case count
    }

    var kind: Kind
    var count: Int
    var fixed: Int
  }

  private(set) var checked = 0
  private(set) var gaps: [Gap] = []

  init(of sockets: Sockets, fixing: Bool) {
    var streams: [StreamID] = []
    sockets.table.forEachStream { streams.append($0) }
    checked = streams.count
    let ghosts = streams.filter { stream in
      sockets.table.descriptor(of: stream).map { !Socket.isOpen($0) } ?? true
    }
    if fixing { for ghost in ghosts { sockets.drop(ghost) } }
    note(.ghost, ghosts.count, fixing)
    note(.count, sockets.miscounts(fixing: fixing), fixing)
  }

  private mutating func note(_ kind: Gap.Kind, _ count: Int, _ fixing: Bool) {
    if count > 0 { gaps.append(Gap(kind: kind, count: count, fixed: fixing ? count : 0)) }
  }
}
