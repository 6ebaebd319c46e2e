import FleetState
import Testing
import TextUI

@testable import Console

@Suite("History")
struct HistoryTests {
  @Test("hosts that sample at different moments are one point, from the first word of a second on")
  func phases() throws {
    var history = History()
    for second in 10..<13 {
      try history.hear("web-1", 1000, at: second * 1000 + 100)
      #expect(second == 10 || history.seconds.last?.sockets == 3000)
      try history.hear("web-2", 2000, at: second * 1000 + 800)
      #expect(history.seconds.last?.sockets == 3000)
    }
    #expect(history.seconds.map(\.sockets) == [3000, 3000, 3000])
  }

  @Test("a host that samples twice in a second counts once, and a second it steps over is as the one before")
  func drift() throws {
    var history = History()
    for moment in [10_001, 10_999, 12_000] { try history.hear("web-1", 500, at: moment) }
    #expect(history.seconds.map(\.sockets) == [500, 500, 500])
    #expect(history.seconds.map(\.time) == [10, 11, 12])
  }

  @Test("a host that has fallen silent is not counted after two seconds")
  func silence() throws {
    var history = History()
    try history.hear("web-2", 2000, at: 10_900)
    for second in 11..<15 { try history.hear("web-1", 1000, at: second * 1000 + 100) }
    #expect(history.seconds.map(\.sockets) == [2000, 3000, 3000, 1000, 1000])
  }

  @Test("a silence of all takes its place on the axis, and has no figures")
  func gap() throws {
    var history = History()
    try history.hear("web-1", 1000, at: 10_000)
    try history.hear("web-1", 1000, at: 20_000)
    #expect(history.seconds.map(\.time) == Array(10...20))
    #expect(history.seconds.map(\.isKnown) == [true] + Array(repeating: false, count: 9) + [true])
  }

  @Test("a silence of days takes no more room than an hour")
  func longGap() throws {
    var history = History()
    try history.hear("web-1", 1000, at: 10_000)
    try history.hear("web-1", 1000, at: 1_000_000_000)
    #expect(history.seconds.count == 3600)
    #expect(history.seconds.last?.time == 1_000_000)
  }

  @Test("of a fleet that is gone no figure is shown as if it were now")
  func gone() throws {
    var view = try Fleet.view(.overview)
    #expect(Fleet.lines(view)[1].contains("4.8k"))
    view.snapshot = Snapshot(namespace: try Fleet.name("default"), time: 4_600_000, redis: .up)
    let lines = Fleet.lines(view)
    #expect(!lines[1].contains("4.8k"))
    #expect(lines[1].hasSuffix(" -"))
  }
}

extension History {
  fileprivate mutating func hear(_ host: String, _ sockets: Int, at moment: Int) throws {
    var sample = Sample(host: try Fleet.name(host))
    sample.sockets = sockets
    add(sample, at: EntryID(milliseconds: UInt64(moment), sequence: 0))
  }
}
