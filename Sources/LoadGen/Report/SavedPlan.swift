import CommandLine

/// A plan as a report keeps it: the words that make it again, without what is nobody's business.
enum SavedPlan {
  /// Their values open doors, and reports are shown around.
  private static let secretHeaders = ["authorization", "cookie", "proxy-authorization", "x-api-key"]
  private static let mask = "******"

  /// `url` first, then every option that was set, but for those of outputs; then what was `settled` otherwise.
  static func arguments(url: String, _ settings: Settings, settled: [String]) -> [String] {
    let left = Set(Outputs.all.map(\.name) + settled.map(option) + ["host"])
    let kept = settings.arguments().filter { !left.contains(option($0)) }
    return [url] + kept.map(masked) + settled
  }

  /// What `wsload replay` runs: as it was, then what was added. Refuses what cannot be the same.
  static func replayed(_ saved: [String], adding more: [String]) throws(UsageError) -> [String] {
    let hidden = saved.filter { $0.hasSuffix(mask) }
    for argument in hidden where !more.contains(where: { subject($0) == subject(argument) }) {
      throw UsageError("the report does not tell the value of \(subject(argument)): add it")
    }
    let replaced = Set(more.flatMap { rivals[option($0), default: []] })
    return saved.filter { !hidden.contains($0) && !replaced.contains(option($0)) } + more
  }

  /// What an option says in another way than these; together they would be refused.
  private static let rivals: [String: [String]] = [
    "hold": ["duration"], "duration": ["hold"], "ramp": ["rate"], "rate": ["ramp"],
    "phases": ["sockets", "send-rate", "duration", "hold"],
  ]

  private static func masked(_ argument: String) -> String {
    let secret = Options.all.first { $0.name == option(argument) }?.secret
    let value = argument.drop { $0 != "=" }.dropFirst()
    if let secret, secret.mask(String(value)) != value { return "--\(option(argument))=\(mask)" }
    guard let header = header(argument), secretHeaders.contains(header) else { return argument }
    return "--header=\(header): \(mask)"
  }

  /// `rate` of `--rate=5`.
  private static func option(_ argument: String) -> String {
    argument.hasPrefix("--") ? String(argument.dropFirst(2).prefix { $0 != "=" }) : ""
  }

  /// `authorization` of `--header=Authorization: …`; nil for any other argument.
  private static func header(_ argument: String) -> String? {
    guard option(argument) == "header" else { return nil }
    return argument.dropFirst("--header=".count).prefix { $0 != ":" }.lowercased()
  }

  /// What an argument is about: an option, or one header of many.
  private static func subject(_ argument: String) -> String {
    header(argument).map { "--header '\($0): …'" } ?? "--\(option(argument))"
  }
}
