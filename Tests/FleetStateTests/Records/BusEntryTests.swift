import Bytes
import Testing

@testable import FleetState

@Suite struct BusEntryTests {
  private func line(_ entry: BusEntry) -> [UInt8] {
    var buffer = ByteBuffer()
    entry.encode(into: &buffer)
    return buffer.bytes.copied()
  }

  private func examples() throws -> [BusEntry] {
    let host = try #require(Name("web-1"))
    let origin = BusEntry.Origin(host: host, slot: 3, life: 1700, connection: .max, number: 7)
    let ada = try #require(ClientID("ada"))
    let room = try #require(Name("room"))
    return [
      BusEntry(.broadcast(.all)), BusEntry(.broadcast([Halls(.ws), Halls(.tasks)]), form: .binary),
      BusEntry(.hall(.ws), origin: origin), BusEntry(.hall(.clients), form: .binary, origin: origin),
      BusEntry(.direct(to: ada)), BusEntry(.group(room), form: .json, origin: origin, from: ada),
      BusEntry(.broadcast(.all), except: ada), BusEntry(.task(room)), BusEntry(.claim(ada), origin: origin),
      BusEntry(.close(ada)), BusEntry(.joins(ada, room)), BusEntry(.parts(ada, room)),
      BusEntry(.answer(origin)), BusEntry(.presence(room, joined: true), from: ada),
      BusEntry(.presence(room, joined: false), from: ada),
    ]
  }

  @Test("it survives its line")
  func roundTrip() throws {
    for entry in try examples() {
      let line = line(entry)
      #expect(BusEntry(line.span) == entry)
    }
  }

  @Test("the line is what the documentation shows")
  func words() throws {
    let bytes = line(try examples()[2])
    #expect(String(decoding: bytes, as: UTF8.self) == "hall 1 text web-1/3/1700/18446744073709551615/7 - - -")
  }

  @Test("a line cut short anywhere is refused or says less, and never traps")
  func cut() throws {
    for entry in try examples() {
      let line = line(entry)
      for length in 0..<line.count {
        let read = BusEntry(line.span.extracting(first: length))
        // Only the last name can be cut and still be one.
        if let read {
          let except = try #require(read.except)
          #expect("ada".hasPrefix(except.text))
          #expect(read.kind == entry.kind)
        }
      }
    }
  }

  @Test("a wrong byte never traps", arguments: 0..<50)
  func wrongByte(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for entry in try examples() {
      var line = line(entry)
      for index in line.indices {
        let kept = line[index]
        line[index] = UInt8.random(in: 0...255, using: &random)
        if let read = BusEntry(line.span), let origin = read.origin { #expect(origin.slot < 1024) }
        line[index] = kept
      }
    }
  }

  @Test(
    "what no build of ours writes is refused",
    arguments: [
      "", "hall", "hall 3 text - - - -", "hall 0 text - - - -", "broadcast 0 text - - - -",
      "broadcast 16 text - - - -", "broadcast 1 words - - - -", "direct 0 text -  - -",
      "direct 0 text - a b - -",
      "hall 1 text a/b - - -", "hall 1 text  - - -", "hall 1 text a/9999/1/1/1 - - -",
      "hall 1 text a/1/99999999999999999999/1/1 - - -", "shout 1 text - - - -", "broadcast 1 text - - - - -",
      "broadcast 1 text - - ada -", "broadcast 1 text - - = -", "hall 1 text - -", "joins 0 text - room - -",
      "joins 0 text - /ada - -", "answer 0 text - web-1/0/1 - -",
    ])
  func refused(_ text: String) {
    let read = BusEntry(Array(text.utf8).span)
    #expect(read == nil)
  }
}
