import Testing

@testable import CommandLine

@Suite struct KindTests {
  @Test(
    "times",
    arguments: [
      ("10", Duration.seconds(10)), ("1.5s", .milliseconds(1500)), ("500ms", .milliseconds(500)),
      ("2m", .seconds(120)),
      ("1h", .seconds(3600)), ("x", nil), ("", nil), ("-1", nil), ("1y", nil), ("1e9", nil),
    ] as [(String, Duration?)])
  func durations(_ text: String, _ value: Duration?) {
    #expect(Kind<Duration>.duration(.zero ... .seconds(7200)).read(text) == value)
  }

  @Test(
    "what is shown is read back as the same time",
    arguments: [
      Duration.zero, .microseconds(500), .microseconds(1500), .milliseconds(20), .seconds(90), .seconds(3600),
      .milliseconds(1500), .seconds(86_400 * 3),
    ])
  func shownTimes(_ time: Duration) {
    let kind = Kind<Duration>.duration(.zero ... .seconds(1_000_000))
    #expect(kind.read(kind.show(time)) == time)
  }

  @Test("a choice is found whatever the case of either side")
  func choices() {
    #expect(Kind.choice(["INFO", "debug"]).read("info") == "INFO")
    #expect(Kind.choice(["INFO", "debug"]).read("DEBUG") == "debug")
    #expect(Kind.choice(["INFO"]).read("inf") == nil)
  }

  @Test(
    "sizes",
    arguments: [
      ("64", 64), ("4k", 4096), ("1MiB", 1 << 20), ("2g", nil), ("", nil), ("k", nil), ("-4", nil),
      ("99999999999999999999", nil), ("9999999999999g", nil),
    ] as [(String, Int?)])
  func sizes(_ text: String, _ value: Int?) {
    #expect(Kind<Int>.size(1...(1 << 30)).read(text) == value)
  }
}
