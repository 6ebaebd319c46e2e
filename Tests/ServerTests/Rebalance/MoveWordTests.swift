import Bytes
import FleetState
import Testing

@testable import Server

@Suite struct MoveWordTests {
  private static let place = EntryID(milliseconds: 1_700_000_000_000, sequence: .max)

  private static func parcel() throws -> Parcel {
    var parcel = Parcel()
    parcel.life = 0x0102_0304_0506_0708
    parcel.connection = .max - 1
    parcel.received = .max
    parcel.sent = 7
    parcel.record = (0..<600).map { UInt8(truncatingIfNeeded: $0) }
    let group = try #require(Name("news"))
    parcel.memberships = [
      Membership(AudienceKey(group: group), "news"),
      Membership(AudienceKey(value: .max), String(repeating: "x", count: 64)),
      Membership(AudienceKey(value: 1), ""),
    ]
    return parcel
  }

  private static func words() throws -> [MoveWord] {
    [
      .stand, .waived, .stands(place), .done(batch: .max), .offered(batch: 3, count: 64, place: place),
      .parcel(try parcel()), .parcel(Parcel()),
    ]
  }

  @Test("a word crosses the line unchanged, and cut short or with more behind it is none")
  func words() throws {
    for word in try Self.words() {
      let packet = word.packet
      let read = MoveWord(packet.span)
      #expect(read?.packet == packet)
      for count in packet.indices {
        let isRead = MoveWord(packet.span.extracting(first: count)) != nil
        #expect(!isRead, "\(count) of \(packet.count)")
      }
      let longer = packet + [0]
      let isRead = MoveWord(longer.span) != nil
      #expect(!isRead)
    }
  }

  @Test("a parcel has all it was given")
  func parcels() throws {
    let sent = try Self.parcel()
    let packet = MoveWord.parcel(sent).packet
    guard case .parcel(let parcel)? = MoveWord(packet.span) else { throw CancellationError() }
    #expect(parcel.life == sent.life && parcel.connection == sent.connection)
    #expect(parcel.received == sent.received && parcel.sent == sent.sent && parcel.record == sent.record)
    #expect(parcel.memberships.map(\.key) == sent.memberships.map(\.key))
    #expect(parcel.memberships.map(\.name) == sent.memberships.map(\.name))
  }

  @Test("an unknown kind, an endless record and too many memberships are nothing")
  func nonsense() {
    let unknown: [UInt8] = [9]
    let empty: [UInt8] = []
    for packet in [unknown, empty] {
      let isRead = MoveWord(packet.span) != nil
      #expect(!isRead)
    }
    var packet = MoveWord.parcel(Parcel()).packet
    packet.replaceSubrange(33..<41, with: repeatElement(0xFF, count: 8))
    let isEndless = MoveWord(packet.span) != nil
    #expect(!isEndless)
  }
}
