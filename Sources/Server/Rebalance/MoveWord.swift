import Bytes
import FleetState

/// What two workers say to each other while one gives the other some of its sockets.
///
///     giver: stand                        taker: stands(at)
///     giver: parcel … parcel, offered     taker: done
enum MoveWord {
  /// Stand still in the stream, where nothing that was read waits to be told.
  case stand
  case stands(EntryID)
  /// One socket of the next batch; its descriptor comes with it.
  case parcel(Parcel)
  /// So many parcels are the batch, and have heard all up to this place.
  case offered(batch: UInt32, count: Int, place: EntryID)
  /// Nothing comes of it: go on.
  case waived
  /// How it went is to be read in the deed.
  case done(batch: UInt32)

  private enum Kind: UInt8 { case stand = 1, stands, parcel, offered, waived, done }

  var packet: [UInt8] {
    var out: [UInt8] = []
    switch self {
    case .stand: out.append(Kind.stand.rawValue)
    case .stands(let place):
      out.append(Kind.stands.rawValue)
      out.append(place)
    case .parcel(let parcel):
      out.append(Kind.parcel.rawValue)
      out.append(parcel)
    case .offered(let batch, let count, let place):
      out.append(Kind.offered.rawValue)
      out.append(number: UInt64(batch))
      out.append(number: UInt64(count))
      out.append(place)
    case .waived: out.append(Kind.waived.rawValue)
    case .done(let batch):
      out.append(Kind.done.rawValue)
      out.append(number: UInt64(batch))
    }
    return out
  }

  /// Nil for what this build does not understand in every part.
  init?(_ packet: Span<UInt8>) {
    guard packet.count > 0, let kind = Kind(rawValue: packet[0]) else { return nil }
    var rest = Reading(packet.extracting(droppingFirst: 1))
    switch kind {
    case .stand: self = .stand
    case .waived: self = .waived
    case .stands:
      guard let place = rest.place() else { return nil }
      self = .stands(place)
    case .parcel:
      guard let parcel = rest.parcel() else { return nil }
      self = .parcel(parcel)
    case .offered:
      guard let batch = rest.number().flatMap({ UInt32(exactly: $0) }),
        let count = rest.number().flatMap({ Int(exactly: $0) }), let place = rest.place()
      else { return nil }
      self = .offered(batch: batch, count: count, place: place)
    case .done:
      guard let batch = rest.number().flatMap({ UInt32(exactly: $0) }) else { return nil }
      self = .done(batch: batch)
    }
    if !rest.isAtEnd { return nil }
  }
}

extension [UInt8] {
  fileprivate mutating func append(number: UInt64) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) { append(UInt8(truncatingIfNeeded: number >> shift)) }
  }

  fileprivate mutating func append(_ place: EntryID) {
    append(number: place.milliseconds)
    append(number: place.sequence)
  }

  fileprivate mutating func append(_ parcel: Parcel) {
    append(number: parcel.received)
    append(number: parcel.sent)
    append(number: UInt64(parcel.record.count))
    append(contentsOf: parcel.record)
    append(UInt8(clamping: parcel.memberships.count))
    for membership in parcel.memberships {
      append(number: membership.key.value)
      let name = Array(membership.name.utf8.prefix(64))
      append(UInt8(name.count))
      append(contentsOf: name)
    }
  }
}

/// A packet, read from its front.
private struct Reading: ~Escapable {
  private var rest: Span<UInt8>

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>) { rest = bytes }

  var isAtEnd: Bool { rest.isEmpty }

  @_lifetime(self: copy self)
  mutating func byte() -> UInt8? {
    if rest.isEmpty { return nil }
    let byte = rest[0]
    rest = rest.extracting(droppingFirst: 1)
    return byte
  }

  @_lifetime(self: copy self)
  mutating func bytes(_ count: UInt64) -> [UInt8]? {
    guard count <= UInt64(rest.count) else { return nil }
    let bytes = rest.extracting(first: Int(count)).copied()
    rest = rest.extracting(droppingFirst: Int(count))
    return bytes
  }

  @_lifetime(self: copy self)
  mutating func number() -> UInt64? {
    bytes(8)?.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  @_lifetime(self: copy self)
  mutating func place() -> EntryID? {
    guard let milliseconds = number(), let sequence = number() else { return nil }
    return EntryID(milliseconds: milliseconds, sequence: sequence)
  }

  @_lifetime(self: copy self)
  mutating func parcel() -> Parcel? {
    var parcel = Parcel()
    guard let received = number(), let sent = number(), let length = number(), let record = bytes(length),
      let count = byte(), count <= Membership.most
    else { return nil }
    parcel.received = received
    parcel.sent = sent
    parcel.record = record
    for _ in 0..<count {
      guard let key = number(), let length = byte(), let name = bytes(UInt64(length)) else { return nil }
      parcel.memberships.append(
        Membership(AudienceKey(value: key), String(decoding: name, as: UTF8.self)))
    }
    return parcel
  }
}
