import Bytes
import FleetState

/// What `XINFO STREAM` tells about the two ends of a stream.
struct StreamInfo: Equatable {
  var first: EntryID?
  var last: EntryID
  /// Nothing was ever taken out, as far as Redis knows (it counts since version 7).
  var isWhole: Bool

  /// What a reader at `cursor` has to be told before it goes on.
  enum Finding: Equatable {
    /// All that comes next is still there.
    case complete
    /// Entries behind the cursor were trimmed; the next one there is, or will be, is `before` or later.
    case trimmed(before: EntryID)
    /// The cursor lies behind the stream's end: Redis lost its newest entries.
    case rewound(to: EntryID)
  }

  func finding(for cursor: EntryID) -> Finding {
    if last < cursor { return .rewound(to: last) }
    if isWhole || last == cursor { return .complete }
    let oldest = first ?? last.next
    // The entries between may have ended exactly at the cursor. Nobody can know, so it is said.
    return cursor < oldest ? .trimmed(before: oldest) : .complete
  }

  init(first: EntryID?, last: EntryID, isWhole: Bool) {
    self.first = first
    self.last = last
    self.isWhole = isWhole
  }

  /// `nil` if the answer is something else.
  init?(_ reply: Reply) {
    var first: EntryID?
    var last: EntryID?
    var length: Int64?
    var added: Int64?
    var index = 0
    while index + 1 < reply.count {
      let name = reply[index].text
      let value = reply[index + 1]
      if name.equals("length") {
        length = value.integer
      } else if name.equals("entries-added") {
        added = value.integer
      } else if name.equals("last-generated-id") {
        last = EntryID(value.text)
      } else if name.equals("first-entry"), value.count == 2 {
        first = EntryID(value[0].text)
      }
      index += 2
    }
    guard let last else { return nil }
    self.init(first: first, last: last, isWhole: added != nil && added == length)
  }
}
