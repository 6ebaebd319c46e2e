import CommandLine
import JSONText
import Testing

@testable import LoadGen

@Suite struct HerdReportTests {
  private func trial(_ arguments: [String]) throws -> HerdTrial {
    let invocation = try Invocation(arguments, of: HerdLab.command)
    var layers = Settings.Layers()
    layers.flags = invocation.values
    return try HerdTrial(HerdOptions(Settings(HerdLab.command.options, layers)))
  }

  @Test("the answer for people, word for word")
  func text() throws {
    let trial = try trial([
      "--clients", "2000", "--accepts", "1000", "--policy", "fixed:1s,slots", "--away", "1500ms",
    ])
    #expect(
      HerdReport.text(trial) == """

          herd      2,000 clients, all dropped at once; seed 0
          server    1,000 handshakes a second, 1.00 ms each when it is idle, away for 1500ms
          line      4,096 may wait, more are heard when they try again; a client waits 10s

                                 p50         p99         max  peak/100ms    attempts     refused     unheard   timed out
          fixed:1s            3.00 s      3.99 s      4.00 s         100       4,000       2,000           0           0
          slots:2900ms        2.95 s      4.40 s      4.40 s          69       2,000           0           0           0

          fixed:1s                          ████████████████████▁
                        each sign 100ms, at most 100

          slots:2900ms                 █████████████████████████████
                        each sign 100ms, at most 69

          recommended: slots over 2.90 s. So 700 come back a second, 70 % of what the server can do.

        """)
  }

  @Test("the answer for programs has each policy by its name, and all who came back")
  func json() throws {
    let trial = try trial([
      "--clients", "500", "--accepts", "1000", "--policy", "jitter:2s", "--policy", "slots:1s",
    ])
    let text = HerdReport.json(trial)
    let json = try JSONValue.read(Array(text.utf8).span)
    let policies = json["policies"]?.elements ?? []
    #expect(policies.compactMap { $0["policy"]?.string } == ["jitter:2s", "slots:1s"])
    for policy in policies {
      let bins = policy["herd_per_100ms"]?.elements.compactMap(\.integer) ?? []
      #expect(bins.reduce(0, +) == 500 && policy["back_us"]?["count"]?.integer == 500)
    }
    #expect(json["recommended"]?["window_ms"]?.integer == 800)
  }

  @Test("a policy nobody knows is refused", arguments: ["none", "slots:", "fixed", "jitter,,slots", ""])
  func refused(_ policy: String) {
    #expect(throws: UsageError.self) { try trial(["--policy", policy]) }
  }
}
