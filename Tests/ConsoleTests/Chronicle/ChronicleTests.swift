import FleetState
import Testing
import TextUI

@testable import Console

@Suite struct ChronicleTests {
  private func chronicle() throws -> Chronicle {
    var chronicle = Chronicle()
    for (index, kind) in FleetEvent.Kind.allCases.enumerated() {
      let event = FleetEvent(kind, host: try Fleet.name("web-1"), text: kind.rawValue)
      chronicle.add(Chronicle.Line(time: UInt64(index) * 1000, event: event))
    }
    return chronicle
  }

  @Test("every event passes everything and exactly one other sieve")
  func sieves() {
    for kind in FleetEvent.Kind.allCases {
      #expect(Chronicle.Sieve.allCases.count { $0.passes(kind) } == 2)
    }
  }

  @Test("the moment is now until an event is chosen")
  func moment() throws {
    var chronicle = try chronicle()
    #expect(chronicle.moment == nil)
    taken(chronicle.take(.home, height: 5))
    #expect(chronicle.moment == 0)
    taken(chronicle.take(.down, height: 5))
    #expect(chronicle.moment == 1000)
    taken(chronicle.take(.end, height: 5))
    #expect(chronicle.moment == nil)
  }

  @Test("filtered, the places are those of what is seen")
  func filtered() throws {
    var chronicle = try chronicle()
    taken(chronicle.take(.character("f"), height: 5))
    #expect(chronicle.shown.map(\.event.kind) == [.started, .stopped, .crashed, .hung, .resumed])
    taken(chronicle.take(.home, height: 5))
    taken(chronicle.take(.down, height: 5))
    #expect(chronicle.moment == 1000)
    #expect(chronicle.all.count == FleetEvent.Kind.allCases.count)
  }

  @Test("a closer look tells the answer and the details of an event")
  func inspection() throws {
    var chronicle = Chronicle()
    #expect(chronicle.inspection == nil)
    let event = FleetEvent(
      .command, host: try Fleet.name("web-1"), slot: 2, text: "roll by ada", command: try Fleet.name("c7"),
      answer: .refused(reason: "a drain is on"), details: ["b": "2", "a": "1"])
    chronicle.add(Chronicle.Line(time: 3_723_000, event: event))
    let facts = try #require(chronicle.inspection).facts.map { "\($0.name)=\($0.value)" }
    #expect(
      facts == [
        "when=01:02:03 UTC", "host=web-1", "worker=2", "text=roll by ada", "answer=refused: a drain is on",
        "command=c7", "a=1", "b=2",
      ])
  }
}
