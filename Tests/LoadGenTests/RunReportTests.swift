import EventLoop
import JSONText
import Measurement
import Testing

@testable import LoadGen

@Suite struct RunReportTests {
  private func report(
    _ plan: Plan, failures: [String] = [], restart: RestartRecord.State? = nil,
    _ change: (inout RunFigures) -> Void = { _ in }
  ) -> RunReport {
    var figures = RunFigures()
    figures.wanted = plan.sockets
    figures.opened = plan.sockets
    change(&figures)
    let records = plan.restarts.map { planned in
      var record = RestartRecord(planned)
      if let restart { record.state = restart }
      return record
    }
    return RunReport(
      plan: plan, figures: figures, series: RunSeries(), startedUnixMilliseconds: 0, started: "now",
      seconds: 10, processes: 1,
      outcomes: plan.assertions.map { $0.judge(figures) }, restarts: records, failures: failures,
      machine: TestBed())
  }

  private let restarted = RestartRecord.State.ended(since: 5_000_000_000, at: 5_250_000_000, .code(0))

  private func measured(_ figures: inout RunFigures) {
    figures.sent = 4
    figures.received = 4
    figures.cut = 2
    for milliseconds: UInt64 in [1, 2] { figures.steady.record(milliseconds * 1_000_000) }
    for milliseconds: UInt64 in [3, 40] { figures.during.record(milliseconds * 1_000_000) }
    figures.intended.merge(figures.steady)
    figures.intended.merge(figures.during)
    var silence = Outage()
    silence.expect(at: 5_000_000_000)
    silence.rest(at: 5_040_000_000)
    figures.add(silence)
    figures.answers.add(at: 5_000_000_000, 4)
    figures.slowAnswers.add(at: 5_000_000_000)
  }

  @Test("a run without a socket says whether that was the server, this machine, or the clock")
  func nothing() throws {
    let plan = try plan()
    func why(_ failed: Int, starved: Int) -> String {
      report(plan) {
        $0.opened = 0
        $0.starved = starved
        if failed > 0 { $0.failed.add(.refused, failed) }
      }.whyNoneOpened
    }
    #expect(why(3, starved: 0) == "refused" && why(3, starved: 2) == "refused")
    #expect(why(3, starved: 3) == "this machine had no address, port or descriptor left")
    #expect(why(0, starved: 0) == "the run ended before")
    let stranger = report(plan) {
      $0.opened = 0
      $0.failed.add(.protocolError)
    }
    #expect(
      stranger.whyNoneOpened == "protocol, its answer to the handshake is none of a WebSocket server")
  }

  @Test("the JSON tells the restart, the freeze and both parts of the time")
  func json() throws {
    let plan = try plan(
      "--cut=10", "--restart=true", "--at=5", "--assert=max_during<=max_steady+10ms && p50<1s")
    let json = try JSONValue.read(report(plan, restart: restarted, measured).json())
    #expect(json["verdict"]?.string == "fail")
    #expect(
      json["reasons"]?.elements.compactMap(\.string)
        == ["max_during<=max_steady+10ms: it was 40.00 ms, and the limit 12.00 ms"])
    #expect(json["plan"]?["cut"]?.number == 10 && json["messages"]?["cut"]?.integer == 2)
    #expect(json["latency_us"]?["steady"]?["max"]?.integer == 2000)
    #expect(json["latency_us"]?["during"]?["max"]?.integer == 40_000)
    let freeze = try #require(json["freeze_us"])
    #expect(freeze["max"]?.integer == 40_000 && freeze["p99"]?.integer == 40_000)
    #expect(freeze["sockets_over_10ms"]?.integer == 1 && freeze["max_at"]?.number == 5)
    #expect(freeze["asked_every"]?.number == 1_000_000)
    let restart = try #require(json["restarts"]?.elements.first)
    #expect(restart["kind"]?.string == "shell" && restart["command"]?.string == "true")
    #expect(restart["at"]?.number == 5 && restart["done"]?.number == 5.25 && restart["exit"]?.integer == 0)
    #expect(json["timeline"]?["answers"]?["counts"]?.elements.map(\.integer) == [0, 0, 0, 0, 0, 4])
    let outcomes = try #require(json["assertions"]?.elements)
    #expect(outcomes.map { $0["ok"]?.bool } == [false, true])
    #expect(outcomes.first?["value"]?.number == 40_000 && outcomes.first?["limit"]?.number == 12_000)
  }

  @Test("a restart that did not end well fails the run, whatever the figures say")
  func badRestart() throws {
    let plan = try plan("--restart=false", "--at=5", "--assert=drops==0")
    #expect(report(plan, restart: restarted).passes)
    #expect(!report(plan, restart: .ended(since: 0, at: 1, .code(1))).passes)
    let unfinished = report(plan, restart: .running(since: 0))
    #expect(!unfinished.passes)
    let json = try JSONValue.read(unfinished.json())
    #expect(json["restarts"]?.elements.first?["done"]?.isNull == true)
    #expect(json["restarts"]?.elements.first?["exit"]?.isNull == true)
    #expect(Summary.text(unfinished).contains("✗ 'false' was not over when the run was"))
  }

  @Test("a generator without a report fails the run, in every form of it")
  func deadGenerator() throws {
    let report = report(try plan("--assert=drops==0"), failures: ["a generator died"])
    #expect(!report.passes)
    let json = try JSONValue.read(report.json())
    #expect(json["verdict"]?.string == "fail")
    #expect(json["generator"]?["failures"]?.elements.map(\.string) == ["a generator died"])
    #expect(json["reasons"]?.elements.map(\.string) == ["a generator died"])
    #expect(Summary.text(report).hasSuffix("  ✗ a generator died\nFAIL\n"))
  }

  @Test("what was never measured is a dash, not zero")
  func dashes() throws {
    let report = report(try plan("--assert=p99<10ms && reconnect_max<1s")) { $0.sent = 3 }
    let text = Summary.text(report)
    #expect(text.contains("✗ p99<10ms: –, it was never measured"))
    #expect(text.contains("✓ reconnect_max<1s: –\n"))
    #expect(text.contains("longest silence  –\n"))
    #expect(text.contains("  latency                   –          –          –          –          –\n"))
    let json = try JSONValue.read(report.json())
    #expect(json["assertions"]?.elements.map { $0["value"]?.isNull } == [true, true])
  }

  @Test(
    "silence that may be the generator's own is called so",
    arguments: [(9_000_000, true), (7_000_000, false)])
  func ownSilence(_ turn: UInt64, _ isSaid: Bool) throws {
    let text = Summary.text(
      report(try plan("--assert=lost==0")) {
        measured(&$0)
        $0.longestTurnNanoseconds = turn
      })
    #expect(text.contains("  The generator itself was busy for 9.00 ms at a time") == isSaid)
  }

  @Test("the summary has each assertion, the restart, and the steady time beside it")
  func summary() throws {
    let plan = try plan("--restart=true", "--at=5", "--assert=p999_during<1s && lost==0", "--seed=7")
    let lines = Summary.text(report(plan, restart: restarted, measured)).split(separator: "\n")
    #expect(lines.contains("  restart          'true' at 5.00 s, done after 0.25 s"))
    #expect(
      lines.contains(
        "  longest silence  40.00 ms at 5.00 s, 1 socket over 10 ms; each spoke every 1.00 s, and notices nothing in between"
      ))
    #expect(lines.contains("                          p50        p90        p99      p99.9        max"))
    #expect(lines.contains("    steady            1.00 ms    2.00 ms    2.00 ms    2.00 ms    2.00 ms"))
    #expect(lines.contains("    at restarts       3.01 ms   40.00 ms   40.00 ms   40.00 ms   40.00 ms"))
    #expect(lines.suffix(3) == ["  ✓ p999_during<1s: 40.00 ms", "  ✓ lost==0: 0", "PASS  2 assertions hold"])
  }
}
