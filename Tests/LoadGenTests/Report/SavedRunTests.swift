import CommandLine
import JSONText
import Measurement
import Testing

@testable import LoadGen

@Suite struct SavedRunTests {
  @Test("a report that was kept tells what the run was")
  func roundTrip() throws {
    let report = try SampleRun.report()
    let run = try SampleRun.saved()
    #expect(run.series == report.series)
    #expect(!run.passes && run.seconds == 2.05 && run.url == "ws://127.0.0.1:8000/ws")
    #expect(run.histogram("intended") == report.figures.intended)
    #expect(run.histogram("reconnect") == report.figures.reconnect && run.histogram("service").isEmpty)
    #expect(run.restarts.map(\.kind) == ["shell"] && run.restarts.first?.done == 1.25)
    #expect(run.assertions.map(\.ok) == [false, false])
    #expect(run.assertions.map(\.reason) == ["drops==0: it was 2", "p99<10ms: it was 40.00 ms"])
    #expect(run.troubles.isEmpty)
    #expect(run.evidence.drops == 2 && run.evidence.sent == 19 && run.evidence.wanted == 3)
    #expect(run.causes("drops", "by_cause").map(\.cause) == ["close:1012", "reset"])
  }

  @Test("every key of the contract is in the report, and what was added to them")
  func keys() throws {
    let json = try SampleRun.saved().json
    let promised = [
      "schema", "verdict", "reasons", "url", "started", "seconds", "plan", "sockets", "messages",
      "latency_us",
      "freeze_us", "connect_us", "drops", "reconnects", "restarts", "timeline", "series", "histograms_ns",
      "generator", "machine", "assertions",
    ]
    #expect(promised.filter { json[$0] == nil } == [])
    #expect(json["machine"]?["host"]?.string == "bench" && json["machine"]?["cores"]?.integer == 2)
    #expect(json["assertions"]?.elements.map { $0["unit"]?.string } == ["count", "us"])
  }

  @Test("what is no report is refused, and told by name", arguments: ["", "{}", "[1]", "{\"schema\": 2}"])
  func strangers(_ text: String) {
    #expect {
      try SavedRun(report: Array(text.utf8), named: "x.json")
    } throws: {
      "\($0)".contains("x.json is no report of wsload")
    }
  }

  @Test("a report cut short anywhere is none")
  func cut() throws {
    let bytes = Array(try SampleRun.report().json().utf8)
    for length in stride(from: 0, to: bytes.count - 2, by: 97) {
      #expect(throws: UsageError.self) {
        try SavedRun(report: Array(bytes.prefix(length)), named: "x.json")
      }
    }
  }

  @Test("a report of an older wsload is told from a broken one")
  func older() {
    #expect {
      try SavedRun(report: Array(#"{"schema": 1, "verdict": "pass"}"#.utf8), named: "old.json")
    } throws: {
      "\($0)".contains("old.json has no series")
    }
  }
}

@Suite struct SavedPlanTests {
  @Test("the words of a report make the same plan again")
  func again() throws {
    let words = try SampleRun.saved().arguments
    #expect(
      words == [
        "ws://127.0.0.1:8000/ws", "--assert=drops==0 && p99<10ms", "--at=1", "--duration=2",
        "--restart=echo '<b>' & \"x\"", "--send-rate=4", "--sockets=3", "--seed=7",
      ])
    let plan = try Plan(arguments: words)
    let schedule = try SampleRun.report().plan.schedule
    #expect(plan.arguments == words && plan.schedule == schedule)
  }

  @Test("a seed that was chance is kept, and where the results went is not")
  func seed() throws {
    let plan = try Plan(arguments: ["--json=a", "--html=b", "--quiet", "--prometheus=:9100", "--sockets=2"])
    #expect(plan.arguments == [plan.target.url, "--sockets=2", "--seed=\(plan.seed)"])
  }

  @Test(
    "an option that is added replaces what said the same in another way",
    arguments: [
      (["--hold=5"], "--duration=2", ["--duration=2"]), (["--duration=5"], "--hold=2", ["--hold=2"]),
      (["--ramp=5"], "--rate=9", ["--rate=9"]), (["--rate=9"], "--ramp=5", ["--ramp=5"]),
      (["--sockets=3", "--send-rate=4", "--hold=5"], "--phases=1s 5 1", ["--phases=1s 5 1"]),
      (["--sockets=3", "--hold=5"], "--sockets=4", ["--sockets=3", "--hold=5", "--sockets=4"]),
    ])
  func rivals(_ saved: [String], _ added: String, _ expected: [String]) throws {
    let words = try SavedPlan.replayed(saved, adding: [added])
    #expect(words == expected)
    _ = try Plan(arguments: words)
  }

  @Test("what opens doors is not told, and a replay without it refused")
  func secrets() throws {
    let plan = try Plan(arguments: ["--header=Authorization: Bearer abc", "--header=X-Team: red", "--seed=1"])
    #expect(plan.arguments.contains("--header=authorization: ******"))
    #expect(plan.arguments.contains("--header=X-Team: red"))
    #expect(!plan.arguments.joined().contains("abc"))
    #expect(throws: UsageError.self) { try SavedPlan.replayed(plan.arguments, adding: []) }
    let again = try SavedPlan.replayed(plan.arguments, adding: ["--header=Authorization: Bearer def"])
    #expect(again.last == "--header=Authorization: Bearer def" && !again.joined().contains("***"))
    // Where Redis is may be told; its password may not.
    #expect(
      try Plan(arguments: ["--redis=redis://10.0.0.9:6379"]).arguments.contains(
        "--redis=redis://10.0.0.9:6379"))
    #expect(try Plan(arguments: ["--redis=redis://:abc@10.0.0.9:6379"]).arguments.contains("--redis=******"))
  }
}
