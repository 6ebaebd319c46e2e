import FleetState
import Testing
import TextUI

@testable import Console

@Suite struct SocketBookTests {
  static func line(
    _ connection: UInt64, _ hall: Hall = .ws, client: String? = nil, since: UInt64 = 1000, slot: Int = 0
  ) throws -> SocketLine {
    let name = try client.map { try #require(ClientID($0)) }
    return SocketLine(
      host: try Fleet.name("web-1"), slot: slot, connection: connection,
      socket: OpenSocket(hall: hall, since: since, peer: "10.0.0.\(connection % 250):500", client: name))
  }

  static func book(_ lines: [SocketLine], of filter: SocketFilter = SocketFilter()) -> SocketBook {
    var found = OpenSockets(filter, most: SocketBook.most)
    for line in lines { found.add(line) }
    var book = SocketBook()
    book.take(found, of: filter)
    return book
  }

  private func sample() throws -> SocketBook {
    Self.book([
      try Self.line(3, .clients, client: "Cleo", since: 3000), try Self.line(1, since: 2000),
      try Self.line(2, .clients, client: "ada", since: 1000), try Self.line(4, .chat, since: 2000),
    ])
  }

  private func numbers(_ book: SocketBook) -> [UInt64] { book.shown.map(\.connection) }

  @Test("any column sorts, both ways, and what is alike stands by its socket")
  func sorting() throws {
    var book = try sample()
    var seen: [[UInt64]] = [numbers(book)]
    for _ in SocketBook.Column.allCases.dropFirst() {
      taken(book.take(.character("s"), height: 9))
      seen.append(numbers(book))
    }
    #expect(seen == [[2, 1, 4, 3], [1, 2, 3, 4], [1, 4, 2, 3], [3, 2, 1, 4], [1, 2, 3, 4]])
    taken(book.take(.character("o"), height: 9))
    #expect(numbers(book) == [4, 3, 2, 1])
  }

  @Test("typing filters at once, whatever the case; esc shows all again")
  func filter() throws {
    var book = try sample()
    for key in "/cLe" { taken(book.take(.character(key), height: 9)) }
    #expect(numbers(book) == [3] && book.isTyping)
    taken(book.take(.enter, height: 9))
    #expect(!book.isTyping && numbers(book) == [3])
    taken(book.take(.escape, height: 9))
    #expect(numbers(book).count == 4)
    notTaken(book.take(.escape, height: 9))
    for key in "/q" { taken(book.take(.character(key), height: 9)) }
    #expect(numbers(book).isEmpty && book.selected == nil)
  }

  @Test("the chosen socket stays chosen when the lists are read again")
  func selection() throws {
    var book = try sample()
    taken(book.take(.down, height: 9))
    #expect(book.selected?.connection == 1)
    var found = OpenSockets(SocketFilter(), most: 9)
    for connection: UInt64 in [9, 8, 7, 1] { found.add(try Self.line(connection, since: 10 - connection)) }
    book.take(found, of: SocketFilter())
    #expect(book.selected?.connection == 1 && book.row == 3)
    taken(book.take(.end, height: 9))
    taken(book.take(.down, height: 9))
    #expect(book.row == 3)
  }

  @Test("of too many to keep the filter is asked of Redis, and all again when it goes")
  func cut() throws {
    var found = OpenSockets(SocketFilter(), most: 2)
    for connection: UInt64 in 0..<5 { found.add(try Self.line(connection)) }
    var book = SocketBook()
    book.take(found, of: SocketFilter())
    #expect(book.isCut && book.total == 5 && book.shown.count == 2 && book.wanted.isEmpty)
    for key in "/ad" { taken(book.take(.character(key), height: 9)) }
    #expect(book.wanted == SocketFilter(text: "ad"))
    var few = OpenSockets(book.wanted, most: 2)
    few.add(try Self.line(7, .clients, client: "ada"))
    book.take(few, of: book.wanted)
    #expect(!book.isCut && numbers(book) == [7])
    taken(book.take(.escape, height: 9))
    #expect(book.wanted.isEmpty)
  }

  @Test("as long as all fit, a filter asks Redis for nothing")
  func whole() throws {
    var book = try sample()
    for key in "/ada" { taken(book.take(.character(key), height: 9)) }
    #expect(book.wanted.isEmpty)
  }

  @Test("a hall alone")
  func hall() throws {
    var book = try sample()
    taken(book.take(.character("h"), height: 9))
    #expect(numbers(book) == [1])
    for _ in 0..<4 { taken(book.take(.character("h"), height: 9)) }
    #expect(numbers(book).count == 4)
  }

  @Test("a closer look names groups and data, and is bounded")
  func inspection() throws {
    let line = try Self.line(2, .clients, client: "ada", since: 1_000_000)
    let record = [("at", "x"), ("g:team", "1"), ("g:all", "1"), ("d:cart", "[1]"), ("bytes", "9")]
    let inspection = Inspection.of(line, record: record, now: 1_090_000)
    #expect(inspection.title == "client ada")
    let facts = inspection.facts.map { "\($0.name)=\($0.value)" }
    #expect(
      facts == [
        "socket=web-1/0/2", "hall=clients", "peer=10.0.0.2:500", "open=1m 30s, since 00:16:40 UTC",
        "groups=all, team", "data=1 key", "cart=[1]",
      ])
    let much = (0..<5000).map { ("d:\($0)", String(repeating: "x", count: 9999)) }
    let bounded = Inspection.of(line, record: much, now: .min)
    #expect(bounded.facts.count == 106 && bounded.facts.allSatisfy { $0.value.count <= 1000 })
  }
}
