import CommandLine
import FleetState

/// The console's options and subcommands, declared once (CONTRACT 7).
enum Options {
  static let redis = Option(
    "redis", Kind<String>.text, standard: "", placeholder: "URL", environment: ["REDIS_URL"],
    shownStandard: "the running server's", "where the fleet's Redis is")
  static let redisHost = Option(
    "redis-host", Kind<String>.text, standard: "", placeholder: "HOST", environment: ["REDIS_HOST"],
    "the Redis host, if not named by --redis")
  static let redisPort = Option(
    "redis-port", .integer(1...65_535), standard: 6379, placeholder: "PORT", environment: ["REDIS_PORT"],
    "goes with --redis-host")
  static let namespace = Option(
    "namespace", Kind<String>.text, standard: "default", placeholder: "NAME",
    environment: ["SLUICE_NAMESPACE"],
    "which fleet")
  static let state = Option(
    "state", Kind<String>.text, standard: "", placeholder: "DIR", environment: ["SLUICE_STATE"],
    "where the running server keeps its state")
  static let json = Option("json", .flag, standard: false, "the answer as JSON")
  static let watch = Option("watch", .flag, standard: false, "again each second, until interrupted")
  static let wait = Option("wait", .flag, standard: false, "until the drain is over; the exit code tells how")
  static let host = Option(
    "host", Kind<String>.text, standard: "", placeholder: "NAME", shownStandard: "all", "only this host")
  static let preset = Option(
    "preset", Kind<String>.drainPreset, standard: "", placeholder: "P", shownStandard: "the server's",
    "standard, swift, patient, pod=SECONDS or now")

  static let everywhere: [Declaration] = [
    redis.declaration, redisHost.declaration, redisPort.declaration, namespace.declaration, state.declaration,
  ]

  static let all: [Declaration] =
    everywhere + [
      json.declaration, watch.declaration, wait.declaration, host.declaration, preset.declaration,
    ]

  static let program = Command(
    "wsconsole", "Shows and steers a fleet of wsserver. Without a command it is a screen.",
    options: everywhere,
    commands: [
      Command("status", "hosts, workers, sockets", options: [json.declaration, watch.declaration]),
      Command("workers", "one line for each worker", options: [json.declaration]),
      Command("events", "the latest events", options: [json.declaration]),
      Command(
        "drain", Action.drain.explanation,
        options: [host.declaration, preset.declaration, wait.declaration, json.declaration]),
      Command("undrain", Action.undrain.explanation, options: [host.declaration, json.declaration]),
    ],
    examples: [
      ("wsconsole", "the screen, for the server that runs on this machine"),
      ("wsconsole status --json", "everything, for scripts"),
      ("wsconsole drain --preset swift --wait", "ten seconds to go; exit 0 when nobody was lost"),
      ("wsconsole --redis redis://10.0.0.5 --namespace shop", "another fleet"),
    ])
}

extension Kind<String> {
  static let drainPreset = Kind(
    allowed: "standard, swift, patient, pod=SECONDS or now", read: { DrainPreset($0)?.text }, show: { $0 })
}
