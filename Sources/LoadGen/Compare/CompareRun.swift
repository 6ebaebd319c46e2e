import CommandLine
import EventLoop
import Measurement

/// `wsload compare`, `report` and `replay`: what can be done with runs that are over.
extension FinishedRuns {
  /// The exit code: 1 when now is worse.
  static func compare(_ invocation: Invocation) throws -> Int32 {
    let settings = try settings(invocation, of: compare)
    let sides = try invocation.positionals.map { names in
      try names.split(separator: ",").map { try SavedRun.read(String($0)) }
    }
    if sides.contains(where: \.isEmpty) { throw UsageError("compare needs the names of two reports") }
    let comparison = Comparison(
      sides[0].map(\.evidence), sides[1].map(\.evidence), tolerance: settings[tolerance] / 100)
    let page = settings[Outputs.html]
    if !page.isEmpty { try Output.write(ComparePage.html(comparison, sides), toFile: page) }
    if page != "-" { Output.write(CompareText.text(comparison, sides), to: 1) }
    return comparison.judgement == .worse ? 1 : 0
  }

  static func report(_ invocation: Invocation) throws -> Int32 {
    let outputs = try Outputs(settings(invocation, of: report))
    guard outputs.html != nil || outputs.csv != nil || outputs.junit != nil else {
      throw UsageError("report makes what it is asked for: add --html FILE, --csv FILE or --junit FILE")
    }
    try SavedRun.read(invocation.positionals[0]).write(to: outputs)
    return 0
  }

  /// The words the plan is made of, as if they had been typed.
  static func replayed(_ arguments: [String]) throws -> [String] {
    let invocation = try Invocation(arguments, of: replay)
    let settings = try settings(invocation, of: replay)
    let run = try SavedRun.read(invocation.positionals[0])
    guard !run.arguments.isEmpty else {
      throw UsageError("\(invocation.positionals[0]) has no plan: an older wsload has written it")
    }
    return try SavedPlan.replayed(run.arguments, adding: settings.arguments())
  }

  private static func settings(_ invocation: Invocation, of command: Command) throws(UsageError) -> Settings {
    var layers = Settings.Layers()
    layers.flags = invocation.values
    return try Settings(command.options, layers)
  }
}
