import CommandLine

/// The words that work on finished runs.
enum FinishedRuns {
  static let tolerance = Option(
    "tolerance", .number(0...1000), standard: 5, placeholder: "PERCENT",
    "differences smaller than this are none, however certain")

  static let compare = Command(
    "wsload compare", "Holds runs against earlier ones: same, better or worse, and how certain that is.",
    positionals: [
      .init("BEFORE", isRequired: true, "a report written with --json, or several with commas between"),
      .init("NOW", isRequired: true, "the same for what is to be judged"),
    ], options: [tolerance.declaration, Outputs.html.declaration],
    examples: [
      ("wsload compare before.json now.json", "exit code 1 when now is worse"),
      (
        "wsload compare b1.json,b2.json,b3.json n1.json,n2.json,n3.json",
        "knows how runs differ by themselves"
      ),
      ("wsload compare before.json now.json --html both.html", "both on the same axes"),
    ])

  static let report = Command(
    "wsload report", "Makes a page, a table or test cases of a run that was kept.",
    positionals: [.init("FILE", isRequired: true, "a report written with --json")], options: Outputs.files,
    examples: [("wsload report day.json --html day.html", "the page of an earlier run")])

  static let replay = Command(
    "wsload replay", "Runs the plan of a report again: same sockets, same times, same seed.",
    positionals: [.init("FILE", isRequired: true, "a report written with --json")], options: Options.all,
    examples: [
      ("wsload replay day.json --json again.json", "then: wsload compare day.json again.json"),
      ("wsload replay day.json --sockets 2000", "the same but for what is added"),
    ])
}
