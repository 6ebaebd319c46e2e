import FleetState
import Testing
import TextUI

@testable import Console

@Suite struct SocketsPageTests {
  private func view(_ count: UInt64) throws -> View {
    var view = try Fleet.view(.sockets)
    view.sockets = SocketBookTests.book(
      try (0..<count).map {
        try SocketBookTests.line(
          $0, $0 % 2 == 0 ? .ws : .clients, client: $0 % 2 == 0 ? nil : "c\($0)", since: 4_000_000 + $0 * 1000
        )
      })
    return view
  }

  @Test("each socket a line, the sorted column marked, the rest counted")
  func table() throws {
    let drawn = Fleet.lines(try view(3000), ascii: true)
    #expect(drawn[2] == " every hall, by open                                              3,000 sockets")
    #expect(drawn[3] == " socket                  hall     client        peer                     open v")
    #expect(drawn[4] == " web-1/0/0               ws       -             10.0.0.0:500            10m 00s")
    #expect(drawn[5] == " web-1/0/1               clients  c1            10.0.0.1:500             9m 59s")
    #expect(drawn[21].hasSuffix("2,982 more"))
    #expect(
      drawn[23].hasPrefix(" / filter   s sort   o order   h hall   enter look")
        && drawn[23].hasSuffix("q quit"))
  }

  @Test("the filter is typed in the line above, and counts what it finds")
  func filter() throws {
    var view = try view(30)
    for key in "/c1" { #expect(view.steer(.character(key), size: Size(80, 24)) == .done) }
    #expect(Fleet.lines(view, ascii: true)[2].hasPrefix(" filter  c1_"))
    #expect(view.steer(.enter, size: Size(80, 24)) == .done)
    let drawn = Fleet.lines(view)
    #expect(drawn[2] == " every hall, with “c1”, by open                                 6 of 30 sockets")
  }

  @Test("a row is chosen by a click, keys move on from there, the last one stays in sight")
  func choosing() throws {
    var view = try view(100)
    let size = Size(80, 24)
    #expect(view.steer(.mouse(x: 5, y: 6, .click), size: size) == .done && view.sockets.row == 2)
    #expect(view.steer(.mouse(x: 5, y: 3, .click), size: size) == .not)
    #expect(view.steer(.end, size: size) == .done)
    #expect(Fleet.lines(view, ascii: true)[21].hasPrefix(" web-1/0/99"))
    #expect(view.steer(.mouse(x: 5, y: 4, .click), size: size) == .done && view.sockets.row == 82)
    guard case .inspect(let line) = view.steer(.enter, size: size) else {
      Issue.record("enter is a closer look")
      return
    }
    #expect(line == view.sockets.selected)
  }

  @Test("being read, none, none like that, and trouble are said in words")
  func emptiness() throws {
    var view = try Fleet.view(.sockets)
    #expect(Fleet.lines(view).contains(" Reading the workers' lists…"))
    view.sockets = SocketBookTests.book([])
    #expect(Fleet.lines(view).contains(" No socket is open."))
    #expect(view.steer(.character("h"), size: Size(80, 24)) == .done)
    #expect(Fleet.lines(view).contains(" No socket like that: / and h choose, esc shows all."))
    view.sockets.fail("Redis did not answer in time")
    #expect(Fleet.lines(view)[2].hasSuffix("Redis did not answer in time"))
    view.redis = .down
    #expect(Fleet.lines(view)[2].hasSuffix("Redis is down: as it was at 01:16:40"))
  }
}
