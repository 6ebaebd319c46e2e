import CommandLine
import FleetState

/// `wsserver doctor`: looks at what a server with these settings would stand on, before or while it runs.
enum Doctor {
  static let command = Command(
    "doctor", "Looks at limits, ports, certificate, kernel, memory and Redis, and says what to do.",
    options: [json.declaration],
    examples: [
      ("wsserver doctor --listen 0.0.0.0:8000 --redis redis://db", "would this server do well here?"),
      ("wsserver doctor --json", "the same for scripts; exit code 1 when something is to be mended"),
    ])

  static let json = Option("json", .flag, standard: false, "one JSON object instead of lines")

  static func findings(_ settings: ServerSettings) throws(StartError) -> [Finding] {
    let place = try StatePlace(for: settings)
    return HostCheck(settings).findings + PortCheck.findings(settings) + SafetyCheck.findings(settings)
      + CertificateCheck.findings(settings)
      + RedisPlace.findings(settings, place)
  }
}
