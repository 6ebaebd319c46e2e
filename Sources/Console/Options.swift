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
  static let watch = Option("watch", .flag, standard: false, "goes on with what is new, until interrupted")
  static let wait = Option("wait", .flag, standard: false, "until it is over; the exit code tells how")
  static let host = Option(
    "host", Kind<String>.text, standard: "", placeholder: "NAME", shownStandard: "all", "only this host")
  static let preset = Option(
    "preset", Kind<String>.drainPreset, standard: "", placeholder: "P", shownStandard: "the server's",
    "standard, swift, patient, pod=SECONDS or now")

  static let readOnly = Option(
    "read-only", .flag, standard: false, "the screen only looks: no key changes anything")

  static let worker = Option(
    "worker", Kind<String>.slot, standard: "", placeholder: "SLOT", shownStandard: "all",
    "only this worker of the host")
  static let halls = Option(
    "halls", Kind<String>.halls, standard: "all", placeholder: "HALLS",
    "where it is heard: ws, chat, clients, tasks")
  static let hall = Option(
    "hall", Kind<String>.hall, standard: "", placeholder: "HALL", shownStandard: "all", "only of this hall")
  static let fix = Option("fix", .flag, standard: false, "also put right what differs")

  /// `roll --pause`: an action that belongs to the command of another.
  static func flag(_ action: Action) -> Option<Bool> {
    Option(action.word, .flag, standard: false, action.explanation)
  }

  static let everywhere: [Declaration] = [
    redis.declaration, redisHost.declaration, redisPort.declaration, namespace.declaration, state.declaration,
  ]

  static let all: [Declaration] =
    everywhere + [
      json.declaration, watch.declaration, wait.declaration, host.declaration, preset.declaration,
      worker.declaration, fix.declaration, readOnly.declaration, halls.declaration, hall.declaration,
    ] + Action.allCases.filter { $0.form != .command && $0.form != .errand }.map { flag($0).declaration }

  /// What an action's own command understands.
  private static func arguments(of action: Action) -> [Declaration] {
    var options = [host.declaration]
    if action.takesWorker { options.append(worker.declaration) }
    if action == .drain { options.append(preset.declaration) }
    if action == .audit { options.append(fix.declaration) }
    options += Action.allCases.filter { $0.form == .flag(of: action.word) }.map { flag($0).declaration }
    // Without its report an audit is nothing, so it always waits.
    if action.goal != nil, action != .audit { options.append(wait.declaration) }
    return options + [json.declaration]
  }

  static let program = Command(
    "wsconsole", "Shows and steers a fleet of wsserver. Without a command it is a screen.",
    options: everywhere, ownOptions: [readOnly.declaration],
    commands: [
      Command("status", "hosts, workers, sockets", options: [json.declaration, watch.declaration]),
      Command("workers", "one line for each worker", options: [json.declaration, watch.declaration]),
      Command(
        "sockets", "the open sockets, the oldest first", options: [hall.declaration, json.declaration]),
      Command("events", "the latest events", options: [json.declaration, watch.declaration]),
      Command(
        Action.broadcast.word, Action.broadcast.explanation,
        positionals: [.init("TEXT", isRequired: true, "what they are told")],
        options: [halls.declaration, json.declaration]),
      Command(
        Action.kick.word, Action.kick.explanation,
        positionals: [.init("CLIENT", isRequired: true, "its id")], options: [json.declaration]),
      Doctor.command,
    ]
      + Action.allCases.filter { $0.form == .command }.map {
        Command($0.word, $0.explanation, options: arguments(of: $0))
      },
    examples: [
      ("wsconsole", "the screen, for the server that runs on this machine"),
      ("wsconsole status --json", "everything, for scripts"),
      ("wsconsole drain --preset swift --wait", "ten seconds to go; exit 0 when nobody was lost"),
      ("wsconsole roll --wait", "fresh workers, nobody dropped; a line for each step"),
      ("wsconsole broadcast 'back in a minute' --halls chat", "an operator's word"),
      ("wsconsole --redis redis://10.0.0.5 --namespace shop", "another fleet"),
    ])
}

extension Kind<String> {
  static let drainPreset = Kind(
    allowed: "standard, swift, patient, pod=SECONDS or now", read: { DrainPreset($0)?.text }, show: { $0 })

  static let halls = Kind(
    allowed: "all, or some of ws,chat,clients,tasks", read: { Halls($0)?.list }, show: { $0 })

  static let hall = Kind(allowed: "ws, chat, clients or tasks", read: { Hall($0)?.name }, show: { $0 })

  static let slot = Kind(
    allowed: "a slot from 0 to 1023",
    read: { text in Int(text).flatMap { (0...1023).contains($0) ? text : nil } }, show: { $0 })
}
