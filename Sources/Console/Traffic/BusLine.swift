import Bytes
import FleetState
import RedisClient

/// One entry of the bus as the traffic page shows it: who said what to whom, and how much of it there was.
struct BusLine: Equatable, Sendable {
  /// What an entry is about, in one word.
  enum Kind: String, CaseIterable, Sendable {
    case broadcast, hall, direct, group, task, presence
    /// What workers tell each other: names that are claimed, sockets to be closed, answers.
    case fleet
    /// Not of this build.
    case unknown
  }

  let id: EntryID
  let kind: Kind
  /// Where it is heard.
  let halls: Halls
  /// A client, the socket's worker, or an operator.
  let from: String
  let to: String
  let size: Int
  /// The beginning of what was said, safe to show.
  let text: String

  /// Enough for the widest screen, and a closer look.
  private static let longestText = 512

  /// Nil for an entry without a head: not one of the bus.
  init?(_ entry: StreamEntry) {
    guard let head = entry.value(of: BusEntry.headField) else { return nil }
    if let data = entry.value(of: BusEntry.dataField) {
      self.init(entry.id, head: head, data: data)
    } else {
      self.init(entry.id, head: head, data: Span())
    }
  }

  init(_ id: EntryID, head: Span<UInt8>, data: Span<UInt8>) {
    self.id = id
    size = data.count
    guard let entry = BusEntry(head) else {
      kind = .unknown
      halls = []
      from = "-"
      to = "-"
      text = printable(head, limit: Self.longestText)
      return
    }
    kind = Self.kind(entry.kind)
    halls = Self.halls(entry.kind)
    from = Self.sender(entry)
    to = Self.target(entry)
    text = entry.form == .binary ? "(binary)" : Self.text(entry.kind, data)
  }

  private static func kind(_ kind: BusEntry.Kind) -> Kind {
    switch kind {
    case .broadcast: .broadcast
    case .hall: .hall
    case .direct: .direct
    case .group: .group
    case .task: .task
    case .presence: .presence
    case .claim, .close, .joins, .parts, .answer: .fleet
    }
  }

  private static func halls(_ kind: BusEntry.Kind) -> Halls {
    switch kind {
    case .broadcast(let halls): halls
    case .hall(let hall): Halls(hall)
    case .task: Halls(.tasks)
    // Names and groups are for clients, and for `sluice.v1` in any hall.
    case .direct, .group, .presence, .claim, .close, .joins, .parts: .all
    case .answer: []
    }
  }

  private static func sender(_ entry: BusEntry) -> String {
    if let client = entry.from { return client.text }
    if let origin = entry.origin { return "\(origin.host)/\(origin.slot)" }
    switch entry.kind {
    case .broadcast: return "operator"
    case .hall, .direct, .group, .task, .presence, .claim, .close, .joins, .parts, .answer: return "-"
    }
  }

  private static func target(_ entry: BusEntry) -> String {
    switch entry.kind {
    case .broadcast(let halls): halls.list
    case .hall(let hall): hall.name
    case .direct(let client), .claim(let client), .close(let client): client.text
    case .group(let name), .task(let name), .presence(let name, _): name.text
    case .joins(_, let group), .parts(_, let group): group.text
    case .answer(let asker): "\(asker.host)/\(asker.slot)"
    }
  }

  private static func text(_ kind: BusEntry.Kind, _ data: Span<UInt8>) -> String {
    switch kind {
    case .broadcast, .hall, .direct, .group, .task: printable(data, limit: longestText)
    case .presence(_, let joined): joined ? "arrives" : "departs"
    case .claim(let client): "\(client) comes"
    case .close(let client): "\(client) is told to go"
    case .joins(let client, _): "\(client) joins"
    case .parts(let client, _): "\(client) leaves"
    case .answer(let asker): "reached \(asker.number)"
    }
  }
}
