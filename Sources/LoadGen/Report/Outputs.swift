import CommandLine
import EventLoop

/// Where a run's results go, beside the screen. None of it is part of the plan: a replay has its own.
struct Outputs: Equatable {
  static let json = Option(
    "json", Kind<String>.file, standard: "", placeholder: "FILE", "the report as JSON; - is standard output")
  static let html = Option(
    "html", Kind<String>.file, standard: "", placeholder: "FILE",
    "the report as one page with charts, for any browser")
  static let csv = Option(
    "csv", Kind<String>.file, standard: "", placeholder: "FILE",
    "the run step by step, as a table for spreadsheets")
  static let junit = Option(
    "junit", Kind<String>.file, standard: "", placeholder: "FILE",
    "each assertion as a test case, for CI systems")
  static let prometheus = Option(
    "prometheus", Kind<String>.door, standard: "", placeholder: "ADDRESS", shownStandard: "none",
    "where Prometheus finds the figures while the run goes on, such as 127.0.0.1:9100")
  static let plain = Option("plain", .flag, standard: false, "a live line instead of the live picture")
  static let quiet = Option("quiet", .flag, standard: false, "neither")

  /// What a finished run can become.
  static let files: [Declaration] = [
    html.declaration, csv.declaration, junit.declaration,
  ]

  static let all =
    [json.declaration] + files + [
      prometheus.declaration, plain.declaration, quiet.declaration,
    ]

  let json: String?
  let html: String?
  let csv: String?
  let junit: String?
  let prometheus: SocketAddress?
  let isPlain: Bool
  let isQuiet: Bool

  init(_ settings: Settings) throws(UsageError) {
    func file(_ option: Option<String>) -> String? {
      let name = settings[option]
      return name.isEmpty ? nil : name
    }
    json = file(Self.json)
    html = file(Self.html)
    csv = file(Self.csv)
    junit = file(Self.junit)
    prometheus = file(Self.prometheus).flatMap { try? SocketAddress.parse($0) }
    isPlain = settings[Self.plain]
    isQuiet = settings[Self.quiet]
    if results.count(where: { $0 == "-" }) > 1 {
      throw UsageError("only one of --json, --html, --csv and --junit can be standard output")
    }
  }

  /// Whether standard output is spoken for.
  var takesStandardOutput: Bool { results.contains("-") }

  private var results: [String] { [json, html, csv, junit].compactMap { $0 } }

  /// Nobody should find out after an hour.
  func check() throws(SystemError) {
    for path in results where path != "-" { try SmallFile.checkPlace(path) }
  }
}

extension Kind<String> {
  fileprivate static let file = Kind(
    allowed: "the name of a file, or -", read: { $0.isEmpty ? nil : $0 }, show: { $0 })

  fileprivate static let door = Kind(
    allowed: "HOST:PORT, such as 127.0.0.1:9100, or a path",
    read: { (try? SocketAddress.parse($0)) == nil ? nil : $0 }, show: { $0 })
}
