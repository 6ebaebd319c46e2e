import FleetState

/// The fleet's last seconds, summed over its hosts: what charts are drawn from. An hour at most.
struct History: Equatable, Sendable {
  struct Second: Equatable, Sendable {
    var time: UInt64
    /// Somebody has told of it.
    var isKnown = false
    var sockets = 0
    var messagesIn = 0
    var deliveries = 0
    var bytesOut = 0
    var lagMicros = 0
  }

  private struct Word: Equatable {
    let milliseconds: UInt64
    let sample: Sample
  }

  private(set) var seconds: [Second] = []
  /// What each host has said last.
  private var words: [Name: Word] = [:]

  private static let most = 3600
  /// Hosts sample at their own moments: until its next one is due, a host is as it was.
  private static let wordHolds: UInt64 = 2000

  /// One point a second, and none where nobody said anything.
  mutating func add(_ sample: Sample, at id: EntryID) {
    let time = id.milliseconds / 1000
    if let last = seconds.last, time < last.time { return }
    words[sample.host] = Word(milliseconds: id.milliseconds, sample: sample)
    words = words.filter { id.milliseconds - min($0.value.milliseconds, id.milliseconds) < Self.wordHolds }
    if seconds.last?.time == time { seconds.removeLast() } else { leap(to: time) }
    seconds.append(sum(at: time))
    if seconds.count > Self.most { seconds.removeFirst(seconds.count - Self.most) }
  }

  /// All up to a moment in milliseconds. What its second was like is told when that one is over.
  func seconds(asOf moment: UInt64) -> ArraySlice<Second> {
    seconds[..<(seconds.firstIndex { $0.time > moment / 1000 + 1 } ?? seconds.count)]
  }

  private func sum(at time: UInt64) -> Second {
    var second = Second(time: time, isKnown: true)
    for word in words.values {
      second.sockets += word.sample.sockets
      second.messagesIn += word.sample.messagesInPerSecond
      second.deliveries += word.sample.deliveriesPerSecond
      second.bytesOut += word.sample.bytesOutPerSecond
      second.lagMicros = max(second.lagMicros, word.sample.lagMaxMicros)
    }
    return second
  }

  /// A timer may step over a second; a longer silence is shown as one.
  private mutating func leap(to time: UInt64) {
    guard let last = seconds.last, time - last.time > 1 else { return }
    if time - last.time == 2 {
      var between = last
      between.time += 1
      return seconds.append(between)
    }
    let first = max(last.time + 1, time - min(time, UInt64(Self.most)))
    for missing in first..<time { seconds.append(Second(time: missing)) }
  }
}
