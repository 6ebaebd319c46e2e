import EventLoop
import WireProtocol

/// The first parts of messages that came in pieces. Most sockets have none, so one store serves them all until a
/// message does stay.
struct PartialMessages {
  final class Part {
    var store = HeapMessageStore()
  }

  private var kept: [StreamID: Part] = [:]
  private var spare = Part()

  mutating func take(_ stream: StreamID) -> Part {
    if kept.isEmpty { return spare }
    return kept[stream] ?? spare
  }

  mutating func put(_ part: Part, _ stream: StreamID) {
    if part.store.count == 0 {
      if !kept.isEmpty { kept[stream] = nil }
    } else if part === spare {
      kept[stream] = part
      spare = Part()
    }
  }

  mutating func forget(_ stream: StreamID) {
    if !kept.isEmpty { kept[stream] = nil }
    spare.store.truncate(to: 0)
  }
}
