import EventLoop
import FleetState

/// What each socket of a slot has joined, in the slot's pages, and who has joined what, in this process' own memory.
///
/// A list is read as far as its socket's record says, so that it changes with the record, as one step.
final class Memberships {
  private let lists: PageArray<Membership>
  private var members: [AudienceKey: [StreamID]] = [:]

  init(_ slot: SlotPages) {
    lists = slot.pages.array(
      of: Membership.self, at: slot.layout.roomAt + SlotPages.Room.membershipsAt,
      count: slot.streams * Membership.most)
  }

  subscript(stream: StreamID, index: Int) -> Membership { lists[stream.slot * Membership.most + index] }

  func members(of key: AudienceKey) -> [StreamID] { members[key] ?? [] }

  func contains(_ stream: StreamID, _ key: AudienceKey, of count: Int) -> Bool {
    index(of: key, stream, count) != nil
  }

  func index(of key: AudienceKey, _ stream: StreamID, _ count: Int) -> Int? {
    (0..<min(count, Membership.most)).first { self[stream, $0].key == key }
  }

  /// Writes behind the end of the list; the record is to say that it is longer.
  func write(_ membership: Membership, of stream: StreamID, at index: Int) {
    lists[stream.slot * Membership.most + index] = membership
  }

  // MARK: Who has joined what

  func index(_ stream: StreamID, under key: AudienceKey) {
    if key == .none { return }
    members[key, default: []].append(stream)
  }

  func remove(_ stream: StreamID, from key: AudienceKey) {
    guard let place = members[key]?.lastIndex(of: stream) else { return }
    if members[key]?.count == 1 {
      members[key] = nil
    } else if let last = members[key]?.popLast(), last != stream {
      members[key]?[place] = last
    }
  }

  func forgetAll() { members.removeAll() }
}
