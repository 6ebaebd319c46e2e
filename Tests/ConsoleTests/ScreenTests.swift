import FleetState
import Testing
import TextUI

@testable import Console

@Suite struct ScreenTests {
  // MARK: Pages

  @Test("the overview: curves, hosts, events")
  func overview() throws {
    let drawn = Fleet.lines(try Fleet.view(.overview), ascii: true)
    #expect(drawn[0] == "  1 overview  2 work 3 rest 4 traf 5 sock 6 time 7 task ? help      redis 87 us")
    #expect(drawn[1] == " sockets                           4.8k  messages in /s                    4.0k")
    #expect(drawn[12] == " host                  state       sockets  workers       in      out        up")
    #expect(drawn[13] == " web-1                 serving       4,999      2/2     1.2M        0    1h 00m")
    #expect(drawn[15] == " 01:02:03 web-1 ready, 2 workers")
    #expect(drawn[23] == " d drain   r roll   a audit   w broadcast   tab next page   ? help   q quit")
  }

  @Test("the workers, one line each")
  func workers() throws {
    let drawn = Fleet.lines(try Fleet.view(.workers), 110, 20)
    #expect(
      drawn[2].hasPrefix(" worker") && drawn[3].contains("4711") && drawn[4].contains("4712"), "\(drawn)")
    #expect(drawn[3].contains("2,500") && drawn[3].contains("850 µs") && drawn[3].contains("18.0 MiB"))
    #expect(drawn[4].hasSuffix("7"))
  }

  @Test("a drain: how far, how long, and the ledger")
  func drain() throws {
    var ledger = Ledger(start: 5000)
    ledger.settle(.left, 1200)
    ledger.settle(.paced, 800)
    let progress = DrainProgress(
      phase: .pacing, preset: .standard, open: 3000, total: 5000, remaining: .seconds(7), ledger: ledger)
    let drawn = Fleet.lines(try Fleet.view(.restart, drain: progress), ascii: true)
    #expect(drawn[2] == "  web-1  pacing                                              standard, 7s left")
    #expect(drawn[3] == "  ###################.............................         3,000 of 5,000 open")
    #expect(
      drawn[5] == "  " + String(repeating: "l", count: 18) + String(repeating: "p", count: 12)
        + String(repeating: ".", count: 46))
    #expect(drawn[6] == "  start 5,000  handed 0  moved 0  left 1,200  paced 800  forced 0  lost 0")
  }

  @Test("the end of a drain is shown even when the server and its Redis are gone")
  func ended() throws {
    let progress = DrainProgress(
      phase: .pacing, preset: .swift, open: 588, total: 5000, remaining: .seconds(1),
      ledger: Ledger(start: 5000))
    var view = try Fleet.view(.restart, drain: progress)
    view.redis = .down
    let event = FleetEvent(
      .drain, host: try Fleet.name("web-1"), text: "stopped",
      details: ["ledger": "start=5000 handed=0 moved=0 left=10 paced=4990 forced=0 lost=0"])
    view.add(event, at: EntryID(milliseconds: 4_600_000, sequence: 0))
    let drawn = Fleet.lines(view, ascii: true)
    #expect(drawn[0].hasSuffix("redis down"))
    #expect(drawn[2] == "  web-1  drained")
    #expect(drawn[5] == "  start 5,000  handed 0  moved 0  left 10  paced 4,990  forced 0  lost 0")
  }

  @Test("without Redis the screen says so and tries on")
  func away() {
    var view = View()
    view.redis = .loading
    let drawn = Fleet.lines(view)
    #expect(drawn.contains { $0.contains("Redis is loading its data. Trying again until it is well.") })
  }

  @Test("no room is said in words", arguments: [(20, 5), (59, 30), (80, 15), (0, 0), (1, 1)])
  func tooSmall(_ width: Int, _ height: Int) throws {
    let drawn = Fleet.lines(try Fleet.view(.overview), width, height)
    #expect(drawn.count == height)
    if width >= 20 { #expect(drawn[0].hasPrefix("Terminal too small:")) }
  }

  @Test("every page can be drawn at any size it is given", arguments: View.Page.allCases)
  func anySize(_ page: View.Page) throws {
    let view = try Fleet.view(page)
    for (width, height) in [(60, 16), (61, 17), (80, 24), (135, 30), (136, 30), (133, 43), (250, 80)] {
      #expect(Fleet.lines(view, width, height).allSatisfy { displayWidth($0) <= width })
    }
  }

  @Test("a wide screen names the fleet and every page in full")
  func wide() throws {
    let drawn = Fleet.lines(try Fleet.view(.sockets), 136, 24, ascii: true)
    #expect(
      drawn[0].hasPrefix(
        " sluice default   1 overview   2 workers   3 restart   4 traffic   5 sockets   6 timeline   7 tasks   ? help "
      ))
  }

  @Test("help: actions first, every page's own keys below, and it scrolls to its end")
  func help() throws {
    var view = try Fleet.view(.help)
    let size = Size(80, 24)
    var seen = Fleet.lines(view)
    #expect(seen[2] == " Actions, on every page")
    #expect(seen.contains(" d      drain: ask every client to leave, then end the server"))
    #expect(seen[21].hasSuffix("more"))
    for _ in 0..<9 {
      #expect(view.steer(.pageDown, size: size) == .done)
      seen += Fleet.lines(view)
    }
    for page in View.Page.allCases {
      #expect(seen.contains(" \(page.key)      the \(page.title) page"))
      for key in page.keys { #expect(seen.contains { $0.contains("\(key.word): ") }, "\(key)") }
    }
    #expect(seen.last { $0.contains("subcommand") } != nil)
    #expect(view.steer(.home, size: size) == .done && view.helpTop == 0)
  }

  @Test("a console that only looks offers no action")
  func readOnly() throws {
    var view = try Fleet.view(.overview)
    view.onlyLooks = true
    #expect(Fleet.lines(view)[23] == " tab next page   ? help   q quit")
  }

  @Test("a broadcast is written over the page, and says who will hear it")
  func composer() throws {
    var view = try Fleet.view(.overview)
    var composer = Composer()
    for key in "back soon" { _ = composer.take(.character(key)) }
    view.composer = composer
    let drawn = Fleet.lines(view, ascii: true)
    #expect(drawn[16].hasPrefix("+- Broadcast ---"))
    #expect(drawn[17].hasPrefix("| back soon_"))
    #expect(drawn[18].hasPrefix("| halls  [x] ws  [x] chat  [x] clients  [x] tasks"))
    #expect(drawn[19].hasPrefix("| 4,999 sockets in all halls will hear it"))
    #expect(drawn[20].hasPrefix("| enter send, after a question   tab choose halls   esc leave it"))
  }

  @Test("what Redis holds cannot steer the terminal")
  func hostile() throws {
    var view = try Fleet.view(.overview)
    let event = FleetEvent(.crashed, host: try Fleet.name("web-1"), text: "\u{1B}[31mboom\u{9B}2J\u{202E}")
    view.add(event, at: EntryID(milliseconds: 1, sequence: 0))
    for line in Fleet.lines(view) {
      for scalar in line.unicodeScalars {
        #expect(scalar.value >= 0x20 && !(0x7F..<0xA0).contains(scalar.value))
      }
    }
  }
}
