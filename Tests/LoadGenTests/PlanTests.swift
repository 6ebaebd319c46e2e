import CommandLine
import EventLoop
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

  @Test("mode sluice brings its subprotocol, its form, its policy and its limits along")
  func sluice() throws {
    let plan = try plan("--mode=sluice", "--seed=255", "--subprotocol=mine", "--sockets=2")
    #expect(plan.subprotocols == ["sluice.v1", "mine"] && plan.reconnect == .told)
    #expect(plan.channel(of: 7) == "load-ff-7")
    #expect(Set(plan.assertions.map(\.text)).isSuperset(of: ["lost==0", "unreceipted==0", "unrecovered==0"]))
    #expect(try LoadGenTests.plan("--mode=sluice", "--reconnect=none").reconnect == .none)
    #expect(try !LoadGenTests.plan().assertions.map(\.text).contains("unreceipted==0"))
  }

  @Test(
    "what would change nothing in mode sluice, or break it, is a misunderstanding",
    arguments: [
      "--message={stamp}", "--cut=5", "--echo-match=order", "--sockets=1", "--processes=51",
      "--phases=1s 4 1;1s 2 1",
    ])
  func sluiceMisunderstood(_ argument: String) {
    let sockets = argument.contains("sockets") || argument.contains("phases") ? [] : ["--sockets=100"]
    #expect(throws: UsageError.self) { try Plan(arguments: ["--mode=sluice", argument] + sockets) }
  }

  @Test("--connect-to says where to go, in turn, whatever the URL's host stands for")
  func connectTo() throws {
    let plan = try plan("ws://example.org/ws", "--connect-to=127.0.0.1:8001", "--connect-to", "[::1]:8002")
    #expect(plan.addresses() == [.tcp(host: "127.0.0.1", port: 8001), .tcp(host: "::1", port: 8002)])
    #expect(plan.target.authority == "example.org")
    #expect(throws: UsageError.self) { try LoadGenTests.plan("--connect-to=8001x") }
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
      (["--assert=recovery_max<1s"], "'recovery_max<1s' needs a --restart"),
      (["--size=63"], "--size is '63', but has to be a size such as 512 or 4k"),
      (["--size=uniform:9"], "--size is 'uniform:9'"), (["--mode=loud"], "--mode is 'loud'"),
      (["--hold=3", "--duration=4"], "--hold and --duration exclude each other"),
      (["--ramp=3", "--rate=4"], "--ramp says what --rate says"),
      (["--phases=1s 5 1", "--sockets=4"], "--phases says what --sockets says"),
      (["--phases=/nowhere"], "--phases: open /nowhere: No such file"),
      (["--mode=chat", "--sockets=1"], "--mode chat needs two sockets"),
      (["--mode=fanout", "--phases=1s 5 1; 1s 6 1"], "--phases go with the modes echo, idle and custom"),
      (["--mode=fanout", "--publish=redis"], "--publish redis needs --redis URL"),
      (["--mode=fanout", "wss://a/"], "--publish http needs a target without TLS"),
      (["--mode=custom"], "--mode custom needs a --message"),
      (["--message=hello"], "--message needs a {stamp}, or --echo-match order"),
      (["--mode=chat", "--echo-match=order"], "--echo-match order goes with the modes echo and custom"),
      (["--echo-match=some"], "--echo-match is 'some', but has to be stamp, order, or order:TEXT"),
      (["--subprotocol=a b"], "--subprotocol is 'a b'"), (["--source=home"], "--source is 'home'"),
      (["--json=-", "--csv=-"], "only one of --json, --html, --csv and --junit can be standard output"),
      (["--source=abc"], "--source is 'abc', but has to be a numeric address"),
      (["--source=127.0.0"], "--source is"), (["--source=127.0.0.256"], "--source is"),
      (["--mode=fanout", "--publish=socket", "--sockets=1"], "--publish socket needs two sockets"),
      (["--redis=nowhere"], "--redis has to be redis:"),
      (["--token=a\nb"], "--token has to be"), (["--header=A b: c"], "--header has to be Name: value"),
      (["--phases=1s 5"], "--phases: line 1"), (["--phases=1s 5 2;2s x 1"], "--phases: line 1: 'x'"),
      (["--connect-to=example.org:80"], "--connect-to is 'example.org:80', but has to be NUMERIC-HOST:PORT"),
    ])
  func slips(_ arguments: [String], _ words: String) {
    let error = #expect(throws: (any Error).self) { try Plan(arguments: arguments) }
    let text = error.map { "\($0)" } ?? "nothing was wrong"
    #expect(text.contains(words))
  }

  @Test("--hold counts from when all were to be open, --ramp spreads the openings")
  func holdAndRamp() throws {
    let plan = try plan("--sockets=101", "--ramp=10s", "--hold=5s")
    #expect(plan.course.openedBy == 10_000_000_000)
    #expect(plan.duration == .seconds(15))
    #expect(try LoadGen.Plan(arguments: ["--sockets=1", "--ramp=1s", "--hold=5s"]).duration == .seconds(5))
  }

  @Test("what was left to chance or lay in a file is settled for the other processes of a run")
  func settled() throws {
    let plan = try plan("--phases=1500ms 20 2.5 # warm\n2s 40 1", "--rate=50")
    #expect(plan.duration == .milliseconds(3500) && plan.sockets == 40 && plan.sendRate == 2.5)
    let other = try LoadGen.Plan(arguments: ["--phases=/gone", "--seed=1", "--rate=50"] + plan.settled)
    #expect(other.course == plan.course && other.seed == plan.seed && other.sizes == plan.sizes)
    #expect(other.duration == plan.duration)
  }

  @Test("a dry run tells all that was settled, and how to have it again")
  func dryRun() throws {
    let plan = try plan(
      "--sockets=300", "--rate=100", "--seed=7", "--hold=5s", "--send-rate=2", "--restart=roll", "--at=4s",
      "--size=uniform:64-264", "--assert=drops==0")
    let lines = PlanText.text(plan, addresses: plan.target.addresses()).split(separator: "\n").map(
      String.init)
    #expect(
      lines == [
        "  target       ws://127.0.0.1:8000/ws?mode=echo", "  addresses    127.0.0.1:8000",
        "  mode         echo",
        "  seed         7", "  processes    1", "  sockets      300, the first phase open at 2.99 s",
        "  ends         7.99 s", "  phase 1      from 0 µs: 300 sockets, 2 messages a second each",
        "  messages     4,500 at most", "  size         uniform:64-264, 164 bytes on average",
        "  reconnect    jitter", "  restart      roll at 4.00 s", "  assert       drops==0",
        "  first sends  0 at 0 µs, 1 at 2.00 ms, 2 at 3.00 ms, 3 at 5.00 ms, 4 at 6.00 ms",
      ])
  }
}
