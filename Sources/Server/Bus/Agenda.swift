import Bytes
import EventLoop
import FleetState

/// What has been read from the bus and is still to be told or done, in order.
final class Agenda {
  enum Item {
    case tell(Batch)
    /// Something to be done rather than said, our own socket that it came from, and its place in the stream.
    case act(BusEntry, StreamID?, EntryID?)
  }

  private let sockets: Sockets
  private var items: [Item] = []
  private var spare: Batch?

  init(_ sockets: Sockets) { self.sockets = sockets }

  var isEmpty: Bool { items.isEmpty }
  var first: Item? { items.first }
  /// Nothing comes behind the first one.
  var isLast: Bool { items.count == 1 }

  /// Of the batch that is being gathered.
  var byteCount: Int {
    if case .tell(let batch)? = items.last { return batch.byteCount }
    return 0
  }

  func add(_ message: BusEntry, _ payload: Span<UInt8>, own: StreamID?, id: EntryID?) {
    guard let audience = Audience(message.kind) else { return items.append(.act(message, own, id)) }
    let runs = sockets.runs(for: audience)
    let asker = message.origin.flatMap { $0.number == 0 ? $0 : nil }
    if hasNobody(audience) { return }
    let batch = batch(for: audience, runs, isCounted: asker != nil && message.except != nil)
    // Everybody in `clients` hears all of it in one order, those who said it too (CONTRACT 1).
    let origin = message.kind == .hall(.clients) ? nil : own
    batch.append(message, payload, origin: origin, id: id, deflaters: sockets.deflaters)
    if let asker { batch.askers.append(Batch.Asker(origin: asker, kind: message.kind)) }
    if message.except != nil { batch.isWhole = true }
    // Whoever has another socket there is still there.
    if case .presence(_, joined: false) = message.kind, let session = message.from,
      !sockets.memberships.members(of: AudienceKey(client: session)).isEmpty
    {
      items.append(.act(message, own, id))
    }
  }

  private func hasNobody(_ audience: Audience) -> Bool {
    let members = sockets.memberships
    return switch audience {
    case .halls: false
    case .members(let key): members.members(of: key).isEmpty
    case .watchers(let key): members.members(of: key).isEmpty && members.members(of: .everyTask).isEmpty
    }
  }

  /// What many are told in a row is one batch; one that is counted for somebody who leaves others out is its own.
  private func batch(for audience: Audience, _ runs: Runs, isCounted: Bool) -> Batch {
    if !isCounted, case .tell(let last)? = items.last, last.audience == audience,
      last.runs.isSuperset(of: runs), !last.isWhole
    {
      return last
    }
    let batch: Batch
    if let spare, spare.audience == audience, spare.runs == runs {
      batch = spare
      self.spare = nil
    } else {
      batch = Batch(for: audience, in: runs)
    }
    items.append(.tell(batch))
    return batch
  }

  func removeFirst() {
    if case .tell(let batch) = items.removeFirst() {
      batch.reset()
      spare = batch
    }
  }

  func clear() { items.removeAll() }
}

extension Audience {
  /// Nil for what is to be done, not said.
  init?(_ kind: BusEntry.Kind) {
    switch kind {
    case .broadcast(let halls): self = .halls(halls)
    case .hall(let hall): self = .halls(Halls(hall))
    case .direct(let client): self = .members(AudienceKey(client: client))
    case .group(let group), .presence(let group, _): self = .members(AudienceKey(group: group))
    case .task(let task): self = .watchers(AudienceKey(task: task))
    case .claim, .close, .joins, .parts, .answer: return nil
    }
  }
}
