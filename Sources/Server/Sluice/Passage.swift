import Bytes
import EventLoop
import FleetState
import WireProtocol

/// A run of entries out of the stream, rendered for those who read on by themselves.
struct Passage {
  struct Entry {
    let id: EntryID
    let message: BusEntry
    let audience: Audience
    let own: StreamID?
    let except: AudienceKey
  }

  private(set) var entries: [Entry] = []
  private(set) var byteCount = 0
  private let batch: Batch
  private let sockets: Sockets

  /// `seen`: what of it was said before. Something that was sent again after a crash stands in the stream twice.
  init(_ read: Resent.Read, after seen: Seen, runs: Runs, publisher: Publisher, _ sockets: Sockets) {
    self.sockets = sockets
    batch = Batch(for: .halls(.all), in: runs)
    var seen = seen
    for (id, fields) in read {
      guard let head = fields.first(where: { $0.0 == "m" })?.1,
        let words = fields.first(where: { $0.0 == "d" })?.1,
        let message = BusEntry(head.utf8.span), let audience = Audience(message.kind)
      else { continue }
      byteCount += words.utf8.count
      var own: StreamID?
      if let origin = message.origin {
        if !seen.isNew(origin) { continue }
        if origin.number > 0, publisher.isOurs(origin) { own = StreamID(number: origin.connection) }
      }
      let except = message.except.map { AudienceKey(client: $0) } ?? .none
      entries.append(Entry(id: id, message: message, audience: audience, own: own, except: except))
      batch.append(message, words.utf8.span, origin: own, id: id, deflaters: sockets.deflaters)
    }
  }

  func isMeant(_ entry: Entry, for stream: StreamID) -> Bool {
    // In `clients` everybody hears everything, one's own words too.
    if entry.message.kind != .hall(.clients) {
      if entry.own == stream { return false }
      // Its own words of an earlier connection.
      if let from = entry.message.from,
        sockets.name(of: stream)?.name.utf8.elementsEqual(from.text.utf8) == true
      {
        return false
      }
    }
    if entry.except != .none && sockets.hasJoined(stream, entry.except) { return false }
    switch entry.audience {
    case .halls(let halls): return halls.contains(sockets[stream].hall)
    case .members, .watchers: return entry.audience.keys.contains { sockets.hasJoined(stream, $0) }
    }
  }

  /// Returns how many bytes it was.
  func say(_ index: Int, to stream: StreamID) -> Int {
    sockets.board[sockets.slot].messagesOut &+= 1
    sockets.board[sockets.slot].deliveries &+= 1
    return batch.withFrame(index, Run(sockets[stream].dress, deflated: false)) {
      _ = sockets.table.send($0, to: stream)
      return $0.count
    }
  }
}
