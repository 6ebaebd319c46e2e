import Measurement
import Testing

@testable import LoadGen

/// Each format at fixed values, as golden text.
@Suite struct FormatTests {
  @Test("the table has a line a step, its causes, and the restart where it was")
  func csv() throws {
    let lines = SeriesTable.csv(try SampleRun.saved()).split(separator: "\r\n")
    let expected = [
      "second,sent,received,open,joined,reconnects,failed,unsent,late_sends,drops,drops close:1012,"
        + "drops reset,mean_us,p50_us,p90_us,p99_us,p999_us,max_us,restarts",
      "0,3,3,3,3,0,0,0,0,0,0,0,1000,1000,1000,1000,1000,1000,",
      "0.25,3,3,3,0,0,0,0,0,0,0,0,1100,1100,1100,1100,1100,1100,",
      "0.5,3,3,3,0,0,0,0,0,0,0,0,1200,1200,1200,1200,1200,1200,",
      "0.75,3,3,3,0,0,0,0,0,0,0,0,1300,1300,1300,1300,1300,1300,",
      "1,1,1,1,0,0,0,0,0,2,1,1,40000,40000,40000,40000,40000,40000,shell",
      "1.25,0,0,3,2,2,0,2,0,0,0,0,,,,,,,",
      "1.5,3,3,3,0,0,0,0,0,0,0,0,1600,1600,1600,1600,1600,1600,",
      "1.75,3,3,3,0,0,0,0,0,0,0,0,1700,1700,1700,1700,1700,1700,",
    ]
    #expect(lines.map(String.init) == expected)
  }

  @Test("each assertion is a test case, with its reason where it does not hold")
  func junit() throws {
    let expected = """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuites tests="2" failures="2" errors="0" time="2.05">
        <testsuite name="wsload" tests="2" failures="2" errors="0" time="2.05" timestamp="2026-11-21T12:00:00.000Z">
          <properties>
            <property name="url" value="ws://127.0.0.1:8000/ws"/>
            <property name="arguments" value="ws://127.0.0.1:8000/ws --assert=drops==0 &amp;&amp; p99&lt;10ms --at=1 --duration=2 --restart=echo &#39;&lt;b&gt;&#39; &amp; &quot;x&quot; --send-rate=4 --sockets=3 --seed=7"/>
          </properties>
          <testcase classname="wsload" name="drops==0" time="0">
            <failure message="drops==0: it was 2"/>
          </testcase>
          <testcase classname="wsload" name="p99&lt;10ms" time="0">
            <failure message="p99&lt;10ms: it was 40.00 ms"/>
          </testcase>
        </testsuite>
      </testsuites>

      """
    #expect(JUnitReport.xml(try SampleRun.saved()) == expected)
    #expect(try wellFormed(expected))
  }

  @Test("Prometheus reads the sums, the causes and a histogram")
  func prometheus() throws {
    let text = RunMetrics.text(try SampleRun.saved().series, wanted: 3)
    let lines = Set(text.split(separator: "\n").map(String.init))
    for line in [
      "# TYPE wsload_sockets_open gauge", "wsload_sockets_open 3", "wsload_sockets_wanted 3",
      "wsload_messages_sent_total 19", "wsload_messages_unsent_total 2", "wsload_connections_total 5",
      "wsload_reconnects_total 2", "wsload_drops_total{cause=\"close:1012\"} 1",
      "wsload_drops_total{cause=\"reset\"} 1", "# TYPE wsload_latency_seconds histogram",
      "wsload_latency_seconds_bucket{le=\"0.002\"} 18", "wsload_latency_seconds_bucket{le=\"0.05\"} 19",
      "wsload_latency_seconds_bucket{le=\"+Inf\"} 19", "wsload_latency_seconds_count 19",
      "wsload_generator_cpu_seconds_total 0.2",
    ] {
      #expect(lines.contains(line), "\(line)")
    }
    for line in lines where !line.hasPrefix("#") { #expect(line.split(separator: " ").count == 2, "\(line)") }
  }

  @Test("the page holds together, and asks nobody for anything")
  func page() throws {
    let html = RunPage.html(try SampleRun.saved())
    #expect(try wellFormed(html))
    for stranger in [
      "<script", "<link", "<img", "<iframe", "@import", "url(", " src=", " href=", "http://", "https://",
    ] {
      #expect(!html.contains(stranger), "\(stranger)")
    }
    #expect(html.contains("<p class=\"verdict fail\">FAIL</p>"))
    #expect(html.contains("<li class=\"no\">drops==0: it was 2</li>"))
    // What somebody typed is text.
    #expect(html.contains("echo &#39;&lt;b&gt;&#39; &amp; &quot;x&quot;") && !html.contains("<b>' &"))
    for title in ["Latency", "Messages a second", "Open sockets", "Drops, in each step", "The herd"] {
      #expect(html.contains("<figcaption>\(title)"), "\(title)")
    }
    #expect(html.contains("<title>1 s: close:1012 1, reset 1</title>"))
    #expect(html.contains(">shell</text>"))
    var report = try SampleRun.report()
    report.stoppedAt = 1.5
    let early = try SavedRun(report: Array(report.json().utf8), named: "early")
    #expect(!html.contains("ended early") && RunPage.html(early).contains("ended early after 1.5 s"))
  }

  @Test("a run of which nothing is known still has a page")
  func empty() throws {
    let text = #"""
      {"schema": 1, "verdict": "pass", "series": {"step_s": 0.25, "sent": [], "received": [], "joined": [],
      "reconnects": [], "failed": [], "unsent": [], "late_sends": [], "busy_ns": [], "latency_histograms": []}}
      """#
    let run = try SavedRun(report: Array(text.utf8), named: "x")
    #expect(try wellFormed(RunPage.html(run)))
    #expect(try wellFormed(JUnitReport.xml(run)))
    #expect(SeriesTable.csv(run).split(separator: "\r\n").count == 1)
  }

  @Test("text of strangers is text in XML, whatever it is")
  func markup() {
    #expect(
      Markup.escaped("<a href='x'>&\"\u{0}\u{1B}[2J\u{202E}é🛰")
        == "&lt;a href=&#39;x&#39;&gt;&amp;&quot;\u{FFFD}\u{FFFD}[2J\u{FFFD}é🛰")
  }
}

/// Each tag is closed by its own, quotes are closed, and no sign stands where it would mean something.
func wellFormed(_ text: String) throws -> Bool {
  var open: [Substring] = []
  var rest = text[...]
  while let start = rest.firstIndex(of: "<") {
    if rest[..<start].contains(">") { return false }
    guard let end = rest[start...].firstIndex(of: ">") else { return false }
    let tag = rest[rest.index(after: start)..<end]
    rest = rest[rest.index(after: end)...]
    if tag.hasPrefix("?") || tag.hasPrefix("!") { continue }
    if tag.contains("<") || tag.count(where: { $0 == "\"" }) % 2 != 0 { return false }
    if tag.hasPrefix("/") {
      if open.popLast() != tag.dropFirst() { return false }
    } else if !tag.hasSuffix("/") {
      open.append(tag.prefix { $0 != " " })
    }
  }
  return open.isEmpty && !rest.contains(">")
}
