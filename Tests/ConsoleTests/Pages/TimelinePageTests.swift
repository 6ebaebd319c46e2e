import FleetState
import Testing
import TextUI

@testable import Console

@Suite struct TimelinePageTests {
  private let size = Size(80, 24)

  /// Samples tell of the seconds 0 to 19: 250 sockets more in each.
  private func view() throws -> View {
    var view = try Fleet.view(.timeline)
    view.chronicle = Chronicle()
    let host = try Fleet.name("web-1")
    for second in 1..<40 {
      let kind: FleetEvent.Kind = second % 10 == 0 ? .crashed : .handover
      let event = FleetEvent(kind, host: host, text: "event \(second)")
      view.add(event, at: EntryID(milliseconds: UInt64(second) * 1000, sequence: 0))
    }
    return view
  }

  @Test("events under the curves, newest at the bottom")
  func newest() throws {
    let drawn = Fleet.lines(try view(), ascii: true)
    #expect(drawn[1] == " sockets                           4.8k  messages in /s                    4.0k")
    #expect(drawn[9] == " everything                                                         as it comes")
    #expect(drawn[21] == " 00:00:39 web-1 event 39")
    #expect(drawn[23] == " space hold   ^v scrub   f kind   enter look   tab next page   ? help   q quit")
  }

  @Test("at a chosen event the curves end with its second")
  func scrubbing() throws {
    var view = try view()
    #expect(view.steer(.home, size: size) == .done && view.steer(.down, size: size) == .done)
    let drawn = Fleet.lines(view, ascii: true)
    #expect(drawn[1].hasPrefix(" sockets                            750 "))
    #expect(drawn[9].hasSuffix("as of 00:00:02, held"))
    #expect(view.steer(.end, size: size) == .done)
    #expect(Fleet.lines(view, ascii: true)[9].hasSuffix("as it comes"))
  }

  @Test("curves from before the console was opened are asked for, and where there are none that is said")
  func past() throws {
    var view = try Fleet.view(.timeline)
    let known = view.history
    view.history = History()
    #expect(view.momentWanted == nil)
    #expect(view.steer(.up, size: size) == .done)
    #expect(view.momentWanted == 3_723_000)
    #expect(Fleet.lines(view).contains { $0.contains("Looking back to 01:02:03…") })
    view.past = View.Past(moment: 3_723_000, history: known)
    #expect(Fleet.lines(view)[1].hasPrefix(" sockets                           4.8k "))
    view.past = View.Past(moment: 3_723_000, history: History())
    #expect(view.momentWanted == nil)
    #expect(Fleet.lines(view).contains { $0.contains("There are no curves of 01:02:03.") })
    view.page = .overview
    view.past = nil
    #expect(view.momentWanted == nil)
  }

  @Test("one kind alone, and none of it")
  func kinds() throws {
    var view = try view()
    #expect(view.steer(.character("f"), size: size) == .done)
    let drawn = Fleet.lines(view, ascii: true)
    #expect(drawn[9].hasPrefix(" starts, stops and crashes"))
    #expect(
      drawn[10...12] == [" 00:00:10 web-1 event 10", " 00:00:20 web-1 event 20", " 00:00:30 web-1 event 30"])
    for _ in 0..<2 { #expect(view.steer(.character("f"), size: size) == .done) }
    #expect(Fleet.lines(view).contains(" Nothing of that kind: f chooses."))
  }

  @Test("an event too long for its row ends in a sign that it is, and can be looked at")
  func long() throws {
    var view = try view()
    let event = FleetEvent(
      .config, host: try Fleet.name("web-1"), text: String(repeating: "long ", count: 30))
    view.add(event, at: EntryID(milliseconds: 50_000, sequence: 0))
    #expect(Fleet.lines(view)[21].hasSuffix("…"))
    #expect(view.steer(.enter, size: size) == .done)
    #expect(Fleet.lines(view).count { $0.contains("long long") } >= 3)
  }
}
