import FleetState
import Testing

@testable import Server

@Suite struct ResentTests {
  private static func entry(_ slot: Int, _ number: Int, again: Bool) -> (EntryID, [(String, String)]) {
    let head = "group 0 text host/\(slot)/7/1/\(number) news - -"
    let fields = [("m", head), ("d", "x")] + (again ? [("r", "1")] : [])
    return (EntryID(milliseconds: 1, sequence: 0), fields)
  }

  private static func slots(_ read: [(EntryID, [(String, String)])]) -> [Int] {
    Resent.openers(of: read.map { (id: $0.0, fields: $0.1) }).map(\.slot)
  }

  @Test("nobody is asked about while nothing was sent again")
  func calm() {
    #expect(Self.slots([Self.entry(0, 1, again: false), Self.entry(1, 1, again: false)]).isEmpty)
  }

  @Test("a publisher is in question when its first entry was sent again, and only then")
  func openers() {
    let read = [
      Self.entry(0, 1, again: true), Self.entry(1, 1, again: false), Self.entry(1, 1, again: true),
      Self.entry(0, 2, again: true), Self.entry(2, 9, again: true),
    ]
    #expect(Self.slots(read) == [0, 2])
  }

  @Test("what is no entry, or is not counted, is nobody's")
  func strange() {
    let id = EntryID(milliseconds: 1, sequence: 0)
    let uncounted = Self.entry(0, 0, again: true)
    #expect(Self.slots([(id, [("r", "1")]), (id, [("m", "?"), ("r", "1")]), uncounted]).isEmpty)
  }
}
