import FleetState
import Testing
import TextUI

@testable import Console

@Suite("OverviewPage")
struct OverviewPageTests {
  @Test(
    "without Redis the figures say of when they are", arguments: [View.Page.overview, .workers, .restart])
  func away(_ page: View.Page) throws {
    var view = try Fleet.view(page)
    #expect(!Fleet.lines(view).contains { $0.contains("as it was") })
    view.redis = .down
    #expect(Fleet.lines(view).contains { $0.hasSuffix("Redis is down: as it was at 01:16:40") })
  }

  @Test("a host that has said that it stops is there no more, though Redis went with it")
  func stopped() throws {
    var view = try Fleet.view(.overview)
    let event = FleetEvent(.stopped, host: try Fleet.name("web-1"), text: "stopped")
    view.add(event, at: EntryID(milliseconds: 4_600_100, sequence: 0))
    view.redis = .down
    let lines = Fleet.lines(view)
    #expect(lines.contains(" No host is serving."))
    #expect(!lines.contains { $0.contains("web-1") && $0.contains("serving") })
    #expect(view.lost == [:])
  }

  @Test("the end of an earlier life takes no host away")
  func earlierLife() throws {
    var view = try Fleet.view(.overview)
    let event = FleetEvent(.stopped, host: try Fleet.name("web-1"), text: "stopped")
    view.add(event, at: EntryID(milliseconds: 999_999, sequence: 0))
    #expect(view.snapshot?.hosts.count == 1)
  }

  @Test("a host that goes without a word is named until it is back")
  func lost() throws {
    var view = try Fleet.view(.overview)
    let before = try Fleet.snapshot()
    view.see(Snapshot(namespace: try Fleet.name("default"), time: 4_605_000, redis: .up))
    #expect(Fleet.lines(view).contains(" gone without a word, last seen at 01:16:40: web-1"))
    view.see(before)
    #expect(!Fleet.lines(view).contains { $0.contains("gone") })
  }

  @Test("a host that goes with a word is not missed, whichever is heard first")
  func left() throws {
    var view = try Fleet.view(.overview)
    view.see(Snapshot(namespace: try Fleet.name("default"), time: 4_605_000, redis: .up))
    let event = FleetEvent(.stopped, host: try Fleet.name("web-1"), text: "stopped")
    view.add(event, at: EntryID(milliseconds: 4_604_900, sequence: 0))
    #expect(!Fleet.lines(view).contains { $0.contains("gone") })
  }

  @Test("an order that is taken is accepted, not done")
  func accepted() throws {
    var view = try Fleet.view(.overview)
    let event = FleetEvent(
      .command, host: try Fleet.name("web-1"), text: "drain by ada@here", command: try Fleet.name("c1"),
      answer: .done)
    view.add(event, at: EntryID(milliseconds: 4_600_100, sequence: 0))
    #expect(Fleet.lines(view).contains { $0.hasSuffix("web-1 drain by ada@here: accepted") })
  }

  @Test("where nobody serves, the restart page offers nothing")
  func nobody() throws {
    var view = try Fleet.view(.restart)
    view.see(Snapshot(namespace: try Fleet.name("default"), time: 4_605_000, redis: .up))
    let lines = Fleet.lines(view)
    #expect(lines.contains("  No host is serving."))
    #expect(!lines.contains { $0.contains("begins a roll") })
  }
}
