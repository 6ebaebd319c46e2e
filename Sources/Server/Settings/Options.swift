import CommandLine
import EventLoop

/// Every setting of the server, declared once (CONTRACT 4).
enum Options {
  static let listen = Option(
    "listen", Kind<String>.address, standard: "127.0.0.1:8000", placeholder: "ADDRESS",
    environment: ["LISTEN"],
    repeats: true, "where clients connect, wss://ADDRESS for TLS; may be given several times")
  static let tlsCertificate = Option(
    "tls-certificate", Kind<String>.text, standard: "", placeholder: "FILE",
    environment: ["TLS_CERTIFICATE"], shownStandard: "none",
    "for wss: a PEM file, our own certificate first, then those that vouch for it")
  static let tlsKey = Option(
    "tls-key", Kind<String>.text, standard: "", placeholder: "FILE", environment: ["TLS_KEY"],
    shownStandard: "none", "the key of that certificate, a PEM file without a password")
  static let metricsListen = Option(
    "metrics-listen", Kind<String>.addressOrNone, standard: "127.0.0.1:8080", placeholder: "ADDRESS",
    environment: ["METRICS_LISTEN"], "second listener for scrapers, or none")
  static let workers = Option(
    "workers", .integer(1...64), standard: Machine.cores, placeholder: "N",
    environment: ["WORKERS", "ASGI_WORKERS"], shownStandard: "one per core", "worker processes")
  static let redis = Option(
    "redis", Kind<String>.redis, standard: "", placeholder: "URL", environment: ["REDIS_URL"],
    secret: .password, shownStandard: "embedded",
    "redis://, rediss://, unix:/path, or embedded: a redis-server of our own")
  static let redisHost = Option(
    "redis-host", Kind<String>.text, standard: "", placeholder: "HOST", environment: ["REDIS_HOST"],
    "the Redis host, if not named by --redis")
  static let redisPort = Option(
    "redis-port", .integer(1...65_535), standard: 6379, placeholder: "PORT", environment: ["REDIS_PORT"],
    "goes with --redis-host")
  static let redisChannel = Option(
    "redis-channel", Kind<String>.text, standard: "", placeholder: "NAME", environment: ["REDIS_CHANNEL"],
    shownStandard: "none", "what a stranger publishes on this channel is said in the hall ws")
  static let redisPatience = Option(
    "redis-patience", Kind<Duration>.duration(.zero...(.seconds(86_400))).orNone(), standard: nil,
    placeholder: "TIME",
    environment: ["REDIS_PATIENCE"],
    "give up with exit code 3 when Redis is not there by then; none serves without it")
  static let namespace = Option(
    "namespace", Kind<String>.name, standard: "default", placeholder: "NAME",
    environment: ["SLUICE_NAMESPACE"],
    "servers with the same Redis and namespace are one fleet")
  static let host = Option(
    "host-id", Kind<String>.nameOrEmpty, standard: "", placeholder: "NAME", environment: ["SLUICE_HOST_ID"],
    shownStandard: "machine and port", "this host's name in the fleet")
  static let state = Option(
    "state", Kind<String>.absolutePath, standard: "", placeholder: "DIR", environment: ["SLUICE_STATE"],
    "where state lives")
  static let config = Option(
    "config", Kind<String>.text, standard: "", placeholder: "FILE", environment: ["SLUICE_CONFIG"],
    "a file of NAME=value lines")
  static let drainPreset = Option(
    "drain-preset", Kind<String>.drainPreset, standard: "standard", placeholder: "P",
    environment: ["DRAIN_PRESET"], "standard, swift, patient, pod=SECONDS or now")
  static let shutdownTimeout = Option(
    "graceful-shutdown-timeout", .duration(.zero...(.seconds(86_400))), standard: .zero, placeholder: "TIME",
    environment: ["GRACEFUL_SHUTDOWN_TIMEOUT"], shownStandard: "the preset's",
    "longest time a drain may take")
  static let heartbeatInterval = Option(
    "heartbeat-interval", .duration(.zero...(.seconds(86_400))), standard: .seconds(30), placeholder: "TIME",
    environment: ["HEARTBEAT_INTERVAL", "WEBSOCKET_HEARTBEAT_INTERVAL"], "between two pings; 0 sends none")
  static let heartbeatTimeout = Option(
    "heartbeat-timeout", .duration(.milliseconds(100)...(.seconds(86_400))), standard: .seconds(60),
    placeholder: "TIME", environment: ["HEARTBEAT_TIMEOUT"], "silence after which a socket is closed")
  static let heartbeatType = Option(
    "heartbeat-type", .choice(["ping", "custom"]), standard: "ping", placeholder: "KIND",
    environment: ["HEARTBEAT_TYPE"], "ping or custom: how a silent client is asked whether it is there")
  static let reconnectTokenTTL = Option(
    "reconnect-token-ttl", .duration(.seconds(1)...(.seconds(30 * 86_400))), standard: .seconds(3600),
    placeholder: "TIME", environment: ["RECONNECT_TOKEN_TTL"], "how long a reconnect token is good")
  static let enableReconnect = Option(
    "enable-reconnect", .flag, standard: true, environment: ["ENABLE_RECONNECT"],
    "hand out reconnect tokens")
  static let enableMetrics = Option(
    "enable-metrics", .flag, standard: true, environment: ["ENABLE_METRICS"], "answer /metrics")
  static let notifyInterval = Option(
    "notify-interval", .duration(.zero...(.seconds(86_400))), standard: .seconds(10), placeholder: "TIME",
    environment: ["NOTIFY_INTERVAL"], "between two notices on /ws; 0 sends none")
  static let notifyText = Option(
    "notify-text", Kind<String>.text, standard: "🛰 Test notification", placeholder: "TEXT",
    environment: ["NOTIFY_TEXT"], "what a notice says")
  static let compression = Option(
    "compression", .choice(["deflate", "none"]), standard: "deflate", placeholder: "KIND",
    environment: ["COMPRESSION"], "deflate or none")
  static let adminToken = Option(
    "admin-token", Kind<String>.text, standard: "", placeholder: "TOKEN", environment: ["ADMIN_TOKEN"],
    secret: .whole, "what callers of changing routes must bear")
  static let adminTokenFile = Option(
    "admin-token-file", Kind<String>.text, standard: "", placeholder: "FILE",
    environment: ["ADMIN_TOKEN_FILE"], "the same, from a file: then it shows in no list of processes")
  static let allowedOrigins = Option(
    "allowed-origins", Kind<String>.origin, standard: "none", placeholder: "ORIGIN",
    environment: ["ALLOWED_ORIGINS"], repeats: true,
    "pages whose scripts may connect; none lets every page; may be given several times")
  static let preset = Option(
    "preset", Kind<String>.choice(Preset.allCases.map(\.rawValue)).orNone(), standard: nil, placeholder: "P",
    environment: ["SLUICE_PRESET"], Preset.allCases.map(\.rawValue).joined(separator: ", "))
  static let tasksAtOnce = Option(
    "tasks-at-once", .integer(0...1024), standard: 64, placeholder: "N", environment: ["TASKS_AT_ONCE"],
    "tasks one worker runs at a time; 0 leaves them to other hosts")
  static let webhookAllow = Option(
    "webhook-allow", Kind<String>.webhookHost, standard: "", placeholder: "HOST",
    environment: ["WEBHOOK_ALLOW"],
    repeats: true, shownStandard: "none", "where webhooks may go: ADDRESS[:PORT] or NAME[:PORT]=ADDRESS")
  static let webhookURL = Option(
    "webhook-url", Kind<String>.webhookURL, standard: "", placeholder: "URL", environment: ["WEBHOOK_URL"],
    shownStandard: "none", "where a webhook without a URL of its own goes")
  static let lifecycleStream = Option(
    "lifecycle-stream", .flag, standard: false, environment: ["LIFECYCLE_STREAM"],
    "note in Redis each socket that comes and goes")
  static let onConnect = Option(
    "on-connect", Kind<String>.webhookURL, standard: "", placeholder: "URL", environment: ["ON_CONNECT"],
    shownStandard: "none", "a webhook for each socket that comes; webhook-allow has to have it")
  static let onDisconnect = Option(
    "on-disconnect", Kind<String>.webhookURL, standard: "", placeholder: "URL",
    environment: ["ON_DISCONNECT"], shownStandard: "none", "the same for each that goes")
  static let logLevel = Option(
    "log-level", Kind<String>.logLevel, standard: "info", placeholder: "LEVEL",
    environment: ["LOG_LEVEL"], "debug, info, warning or error")
  static let logFormat = Option(
    "log-format", .choice(["text", "json"]), standard: "text", placeholder: "FORMAT",
    environment: ["LOG_FORMAT"],
    "text or json")
  static let printConfig = Option(
    "print-config", .flag, standard: false, "show every setting and where it came from, then exit")

  static let all: [Declaration] =
    [
      listen.declaration, tlsCertificate.declaration, tlsKey.declaration, workers.declaration,
      redis.declaration, redisHost.declaration, redisPort.declaration, redisChannel.declaration,
      redisPatience.declaration, namespace.declaration,
      host.declaration, state.declaration, config.declaration, preset.declaration, drainPreset.declaration,
      shutdownTimeout.declaration, heartbeatInterval.declaration, heartbeatTimeout.declaration,
      heartbeatType.declaration, notifyInterval.declaration, notifyText.declaration,
      compression.declaration, reconnectTokenTTL.declaration, enableReconnect.declaration,
    ] + limits + [
      tasksAtOnce.declaration, webhookAllow.declaration, webhookURL.declaration,
      lifecycleStream.declaration, onConnect.declaration, onDisconnect.declaration,
      allowedOrigins.declaration, adminToken.declaration, adminTokenFile.declaration,
      enableMetrics.declaration, metricsListen.declaration, logLevel.declaration, logFormat.declaration,
      printConfig.declaration,
    ]

  /// What a child of ours is not to find in its environment: it is told what it has to know.
  static let secretVariables = Set(all.filter { $0.secret != nil }.flatMap(\.environment))

  static let program = Command(
    "wsserver", "A WebSocket server that restarts without its clients noticing.", options: all,
    commands: [Doctor.command],
    examples: [
      ("wsserver", "one worker per core on 127.0.0.1:8000, with a Redis of its own"),
      ("wsserver --listen 0.0.0.0:8000 --admin-token T", "open to the network"),
      (
        "wsserver --listen wss://0.0.0.0:8443 --tls-certificate web.pem --tls-key web.key",
        "the same with TLS"
      ),
      ("wsserver --redis redis://10.0.0.5 --namespace shop", "one host of a fleet"),
      ("wsserver --drain-preset swift", "ten seconds to go, after SIGTERM"),
    ])
}
