import Measurement
import Testing

@testable import LoadGen

func plan(_ arguments: String...) throws -> Plan { try Plan(arguments: arguments) }

@Suite struct PlanTests {
  @Test("without --cut and --restart there is nothing to cut and no window: neither costs a message anything")
  func off() throws {
    let plan = try plan()
    #expect(plan.cut == 0 && plan.frameCut == nil)
    #expect(plan.restarts.isEmpty && plan.restartWindows == nil)
  }

  @Test("restarts and times are pairs by their place, and happen in order of time")
  func pairs() throws {
    let plan = try plan(
      "--restart", "kill9", "--restart=systemctl restart x, y", "--at=7", "--at=2500ms", "--restart=roll",
      "--at", "3s")
    #expect(
      plan.restarts == [
        Restart(kind: .shell("systemctl restart x, y"), at: .milliseconds(2500)),
        Restart(kind: .console(.roll), at: .seconds(3)), Restart(kind: .kill, at: .seconds(7)),
      ])
    #expect(plan.restarts.map(\.name) == ["shell", "roll", "kill9"])
    #expect(plan.restarts.map(\.needsConsole) == [false, true, true])
  }

  @Test(
    "steady begins a second after the opening; a restart is felt for a period, and for two seconds at least")
  func windows() throws {
    let second: UInt64 = 1_000_000_000
    func felt(_ rate: String, for seconds: UInt64) throws -> Bool {
      var windows = try #require(
        plan("--sockets=3001", "--rate=1000", "--send-rate", rate, "--restart=x", "--at=8").restartWindows)
      #expect(windows.part(intended: 4 * second - 1, heard: 5 * second) == nil)
      #expect(windows.part(intended: 4 * second, heard: 5 * second) == .steady)
      windows.end(0, at: 9 * second)
      let end = (9 + seconds) * second
      return windows.part(intended: end, heard: end) == .during
        && windows.part(intended: end + 1, heard: end + 1) == nil
    }
    #expect(try felt("10", for: 2))
    #expect(try felt("0", for: 2))
    #expect(try felt("0.2", for: 5))
  }

  @Test(
    "a slip is a usage error that says what to do",
    arguments: [
      (["--restart=kill9"], "each --restart needs its --at"),
      (["--at=3"], "each --restart needs its --at"),
      (["--restart=kill9", "--at=1", "--at=2"], "there are 1 of one and 2 of the other"),
      (["--restart=kill9", "--at=10"], "--at 10s is not within the run, which takes 10s"),
      (["--restart= ", "--at=1"], "--restart is empty"),
      (["--cut=101"], "--cut is '101', but has to be a number from 0 to 100"),
      (["--cut=-1"], "--cut is '-1'"),
      (["--assert=p98<1ms"], "--assert: 'p98' is no figure: there are opened, wanted"),
      (["--assert=drops==0 && p99_during<1s"], "'p99_during<1s' needs a --restart"),
    ])
  func slips(_ arguments: [String], _ words: String) {
    let error = #expect(throws: (any Error).self) { try Plan(arguments: arguments) }
    let text = error.map { "\($0)" } ?? "nothing was wrong"
    #expect(text.contains(words))
  }
}
