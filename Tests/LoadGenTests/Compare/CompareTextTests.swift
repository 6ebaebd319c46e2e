import JSONText
import Measurement
import Testing

@testable import LoadGen

@Suite struct CompareTextTests {
  @Test("a comparison reads line by line, its judgement last")
  func text() throws {
    let run = try SampleRun.saved()
    let comparison = Comparison([run.evidence], [run.evidence])
    let expected = """
                           before         now    change        99.5 % sure of
        mean                    –           –                                   too little to judge by
        p50                     –           –                                   too little to judge by
        p90                     –           –                                   too little to judge by
        p99                     –           –                                   too little to judge by
        p999                    –           –                                   too little to judge by
        unsent                  2           2    +0.0 %                         same
        drops                   2           2    +0.0 %                         same

      UNKNOWN  the runs are too short, or have too few messages

      """
    #expect(CompareText.text(comparison, [[run], [run]]) == expected)
  }

  @Test("the page of a comparison holds together, and asks nobody for anything")
  func page() throws {
    let run = try SampleRun.saved()
    let comparison = Comparison([run.evidence], [run.evidence, run.evidence])
    let html = ComparePage.html(comparison, [[run], [run, run]])
    #expect(try wellFormed(html))
    #expect(!html.contains("<script") && !html.contains("http:") && !html.contains("https:"))
    #expect(html.contains(">before</span>") && html.contains(">now 2</span>"))
  }

  @Test("plans that differ are told, and one run a side is told what it cannot know")
  func warnings() throws {
    let run = try SampleRun.saved()
    let other = try SavedRun(
      report: Array(SampleRun.report("--sockets=5").json().utf8), named: "other")
    #expect(CompareText.warnings([[run], [run]]).isEmpty)
    #expect(CompareText.warnings([[run], [other]]) == ["the plans differ in sockets: 3, 5"])
    #expect(CompareText.explanation(.same, [[run], [run, run]]).contains("one run a side"))
    #expect(!CompareText.explanation(.same, [[run, run], [run, run]]).contains("one run a side"))
  }
}
