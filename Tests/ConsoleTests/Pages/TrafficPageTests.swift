import FleetState
import Testing
import TextUI

@testable import Console

@Suite struct TrafficPageTests {
  private func view(_ count: Int = 3) throws -> View {
    var view = try Fleet.view(.traffic)
    view.now = 4_000_000
    let ada = try #require(ClientID("ada"))
    for index in 0..<count {
      let kind: BusEntry.Kind = index % 2 == 0 ? .hall(.clients) : .broadcast(.all)
      let entry = BusEntry(kind, from: index % 2 == 0 ? ada : nil)
      let second = UInt64(3_990 + index)
      view.traffic.add(
        BusLineTests.line(entry, "word \(index)", at: second * 1000, sequence: UInt64(index)))
    }
    return view
  }

  @Test("lines as they come: when, what, from whom, to whom, how much, and the text")
  func lines() throws {
    let drawn = Fleet.lines(try view(), ascii: true)
    #expect(drawn[1] == " messages /s                          0  bytes /s                           0 B")
    #expect(drawn[6] == " all that is said, every hall                                       as it comes")
    #expect(drawn[7] == " time      kind       from          to          text")
    #expect(drawn[8] == " 01:06:30  hall       ada           clients     word 0")
    #expect(drawn[9] == " 01:06:31  broadcast  operator      all         word 1")
    #expect(drawn[23] == " space hold   f kind   h hall   enter look   w broadcast   ? help   q quit")
  }

  @Test("the newest is at the bottom; held, the chosen one is in sight and what came since is counted")
  func holding() throws {
    var view = try view(100)
    #expect(Fleet.lines(view, ascii: true)[21].hasSuffix("word 99"))
    #expect(view.steer(.home, size: Size(80, 24)) == .done)
    view.traffic.add(BusLineTests.line(BusEntry(.hall(.ws)), "late", at: 4_100_000))
    let drawn = Fleet.lines(view, ascii: true)
    #expect(drawn[6].hasSuffix("held, 1 more since") && drawn[8].hasSuffix("word 0"))
    #expect(view.steer(.end, size: Size(80, 24)) == .done)
    #expect(Fleet.lines(view, ascii: true)[21].hasSuffix("late"))
  }

  @Test("nothing said, nothing of a kind, and Redis away are said in words")
  func emptiness() throws {
    var view = try view(0)
    #expect(Fleet.lines(view).contains { $0.contains("Nothing has been said yet: w says something") })
    #expect(view.steer(.character("f"), size: Size(80, 24)) == .done)
    #expect(Fleet.lines(view).contains { $0.contains("Nothing of that kind: f and h choose.") })
    view.redis = .loading
    #expect(Fleet.lines(view)[6].hasSuffix("Redis is loading its data: as it was at 01:16:40"))
  }

  @Test("a closer look lies over the lines, and goes with esc")
  func inspection() throws {
    var view = try view()
    #expect(view.steer(.enter, size: Size(80, 24)) == .done)
    let drawn = Fleet.lines(view, ascii: true)
    #expect(drawn.contains { $0.contains("| text  word 2") })
    #expect(view.steer(.escape, size: Size(80, 24)) == .done && view.inspection == nil)
  }

  @Test("what a stranger says cannot steer the terminal")
  func hostile() throws {
    var view = try view(0)
    let text = "\u{1B}[2J\u{9B}31m\u{202E}evil\n\u{7}"
    view.traffic.add(BusLineTests.line(BusEntry(.hall(.ws)), text))
    #expect(view.steer(.enter, size: Size(80, 24)) == .done)
    for scalar in Fleet.lines(view, 120, 30).joined().unicodeScalars {
      #expect(scalar.value >= 0x20 && !(0x7F..<0xA0).contains(scalar.value) && scalar.value != 0x202E)
    }
  }
}
