import CommandLine

/// A plan as a report keeps it: the words that make it again, without what is nobody's business.
enum SavedPlan {
  /// Their values open doors, and reports are shown around.
  private static let secretHeaders = ["authorization", "cookie", "proxy-authorization", "x-api-key"]
  private static let mask = "******"

  /// `url` first, then every option that was set, but for those of outputs.
  static func arguments(url: String, _ settings: Settings, seed: UInt64) -> [String] {
    let outputs = Set(Outputs.all.map(\.name))
    let kept = settings.arguments.filter { argument in
      let name = argument.dropFirst(2).prefix { $0 != "=" }
      return !outputs.contains(String(name)) && name != "seed" && name != "host"
    }
    return [url] + kept.map(masked) + ["--seed=\(seed)"]
  }

  /// What `wsload replay` runs: as it was, then what was added. Refuses what cannot be the same.
  static func replayed(_ saved: [String], adding more: [String]) throws(UsageError) -> [String] {
    let hidden = saved.filter { $0.hasSuffix(": " + mask) }
    for argument in hidden {
      let name = header(argument) ?? argument
      let isGiven =
        (more + zip(more, more.dropFirst()).filter { $0.0 == "--header" }.map { "--header=" + $0.1 })
        .contains { header($0) == name }
      if !isGiven {
        throw UsageError(
          "the report does not tell the value of the header \(name): add --header '\(name): …'")
      }
    }
    return saved.filter { !hidden.contains($0) } + more
  }

  private static func masked(_ argument: String) -> String {
    guard let name = header(argument), secretHeaders.contains(name) else { return argument }
    return "--header=\(name): \(mask)"
  }

  /// `authorization` of `--header=Authorization: …`; nil for any other argument.
  private static func header(_ argument: String) -> String? {
    let start = "--header="
    guard argument.hasPrefix(start), let colon = argument.firstIndex(of: ":") else { return nil }
    return argument[argument.index(argument.startIndex, offsetBy: start.count)..<colon].lowercased()
  }
}
