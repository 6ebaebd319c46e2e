import Bytes
import FleetState
import Testing

@testable import Console

@Suite struct BusLineTests {
  static func line(_ entry: BusEntry, _ text: String, at milliseconds: UInt64 = 1000, sequence: UInt64 = 0)
    -> BusLine
  {
    var head = ByteBuffer()
    entry.encode(into: &head)
    let id = EntryID(milliseconds: milliseconds, sequence: sequence)
    return BusLine(id, head: head.bytes, data: text.utf8.span)
  }

  private func client(_ name: String) throws -> ClientID { try #require(ClientID(name)) }

  @Test("a broadcast comes from an operator and goes to halls")
  func broadcast() {
    let line = Self.line(BusEntry(.broadcast([Halls(.ws), Halls(.chat)])), "grüße")
    #expect(line.kind == .broadcast && line.from == "operator" && line.to == "ws,chat")
    #expect(line.size == 7 && line.text == "grüße")
    #expect(line.halls.contains(.chat) && !line.halls.contains(.tasks))
  }

  @Test("a word of a client bears its name, one of a nameless socket the worker's")
  func senders() throws {
    let host = try Fleet.name("web-1")
    let origin = BusEntry.Origin(host: host, slot: 3, life: 1, connection: 2, number: 9)
    #expect(Self.line(BusEntry(.hall(.ws), origin: origin), "x").from == "web-1/3")
    let named = Self.line(BusEntry(.hall(.clients), origin: origin, from: try client("ada")), "x")
    #expect(named.from == "ada" && named.to == "clients")
    let direct = Self.line(BusEntry(.direct(to: try client("bob")), from: try client("ada")), "x")
    #expect(direct.kind == .direct && direct.to == "bob")
  }

  @Test("what workers tell each other is told in words")
  func fleet() throws {
    let ada = try client("ada")
    let group = try Fleet.name("team")
    let origin = BusEntry.Origin(host: group, slot: 0, life: 1, connection: 2, number: 9)
    let told: [(BusEntry.Kind, String)] = [
      (.claim(ada), "ada comes"), (.close(ada), "ada is told to go"), (.joins(ada, group), "ada joins"),
      (.parts(ada, group), "ada leaves"), (.answer(origin), "reached 9"),
    ]
    for (kind, text) in told {
      let line = Self.line(BusEntry(kind), "")
      #expect(line.kind == .fleet && line.text == text)
    }
    #expect(Self.line(BusEntry(.presence(group, joined: true)), "").text == "arrives")
  }

  @Test("what no build of ours writes is shown as it is, harmless")
  func unknown() {
    let head = "shout 1 \u{1B}[2J"
    let id = EntryID(milliseconds: 1, sequence: 0)
    let line = BusLine(id, head: head.utf8.span, data: "12345".utf8.span)
    #expect(line.kind == .unknown && line.size == 5)
    #expect(line.text == "shout 1 \u{FFFD}[2J")
  }

  @Test("a long text is cut, a binary one not shown")
  func long() {
    let long = Self.line(BusEntry(.hall(.ws)), String(repeating: "x", count: 100_000))
    #expect(long.size == 100_000 && long.text.count == 513)
    #expect(Self.line(BusEntry(.hall(.ws), form: .binary), "\u{0}\u{1}").text == "(binary)")
  }
}
