import FleetState
import Testing
import TextUI

@testable import Console

@Suite struct BusBookTests {
  private func traffic() throws -> BusBook {
    var traffic = BusBook()
    let ada = try #require(ClientID("ada"))
    let kinds: [BusEntry.Kind] = [
      .broadcast(Halls(.chat)), .hall(.ws), .hall(.clients), .direct(to: ada), .claim(ada),
      .task(try Fleet.name("t")),
    ]
    for (index, kind) in kinds.enumerated() {
      traffic.add(BusLineTests.line(BusEntry(kind), "x", sequence: UInt64(index)))
    }
    return traffic
  }

  @Test("what workers tell each other is left out, unless it is asked for")
  func sieve() throws {
    var traffic = try traffic()
    #expect(traffic.shown.map(\.kind) == [.broadcast, .hall, .hall, .direct, .task])
    var seen: [Int] = []
    for _ in BusBook.Sieve.all {
      taken(traffic.take(.character("f"), height: 5))
      seen.append(traffic.shown.count)
    }
    // broadcast, hall, direct, group, task, presence, fleet, unknown, everything, and what is said again
    #expect(seen == [1, 2, 1, 0, 1, 0, 1, 0, 6, 5])
  }

  @Test("only what a hall hears")
  func hall() throws {
    var traffic = try traffic()
    var seen: [[BusLine.Kind]] = []
    for _ in 0..<5 {
      taken(traffic.take(.character("h"), height: 5))
      seen.append(traffic.shown.map(\.kind))
    }
    #expect(seen[0] == [.hall, .direct] && seen[1] == [.broadcast, .direct])
    #expect(seen[3] == [.direct, .task] && seen[4].count == 5 && traffic.hall == nil)
  }

  @Test("an entry is told once, in order, until the bus begins anew")
  func once() throws {
    var traffic = try traffic()
    traffic.add(BusLineTests.line(BusEntry(.hall(.ws)), "again", sequence: 2))
    #expect(traffic.shown.count == 5)
    traffic.begin()
    traffic.add(BusLineTests.line(BusEntry(.hall(.ws)), "again", sequence: 2))
    #expect(traffic.shown.count == 6)
  }

  @Test("a closer look is at the chosen line, or the newest")
  func inspection() throws {
    var traffic = try traffic()
    #expect(traffic.inspection?.title == "task 1000-5")
    for _ in 0..<2 { taken(traffic.take(.up, height: 5)) }
    #expect(traffic.inspection?.title == "direct 1000-3")
    #expect(BusBook().inspection == nil)
  }
}
