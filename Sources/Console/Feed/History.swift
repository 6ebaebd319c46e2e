import FleetState

/// The fleet's last seconds, summed over its hosts: what charts are drawn from. An hour at most.
struct History: Equatable, Sendable {
  struct Second: Equatable, Sendable {
    var time: UInt64
    var sockets = 0
    var messagesIn = 0
    var deliveries = 0
    var bytesOut = 0
    var lagMicros = 0
  }

  private(set) var seconds: [Second] = []
  private static let most = 3600

  /// Hosts sample at their own moments; those of one second are one point.
  mutating func add(_ sample: Sample, at id: EntryID) {
    let time = id.milliseconds / 1000
    if let last = seconds.last, time < last.time { return }
    if seconds.last?.time != time { seconds.append(Second(time: time)) }
    let index = seconds.count - 1
    seconds[index].sockets += sample.sockets
    seconds[index].messagesIn += sample.messagesInPerSecond
    seconds[index].deliveries += sample.deliveriesPerSecond
    seconds[index].bytesOut += sample.bytesOutPerSecond
    seconds[index].lagMicros = max(seconds[index].lagMicros, sample.lagMaxMicros)
    if seconds.count > Self.most { seconds.removeFirst(seconds.count - Self.most) }
  }

  /// All up to a moment in milliseconds. What its second was like is told when that one is over.
  func seconds(asOf moment: UInt64) -> ArraySlice<Second> {
    seconds[..<(seconds.firstIndex { $0.time > moment / 1000 + 1 } ?? seconds.count)]
  }
}
