import CommandLine
import EventLoop
import FleetState
import RedisClient
import WireProtocol

/// The settings as the server uses them.
struct ServerSettings {
  let listen: [SocketAddress]
  /// Where TLS is spoken.
  let secureListen: [SocketAddress]
  /// Nil unless both files are named.
  let certificate: CertificateFiles?
  let metricsListen: SocketAddress?
  /// Somebody asked for that address; a taken standard one is only mentioned.
  let metricsIsAsked: Bool
  let workers: Int
  /// Nil: a redis-server of our own.
  let redis: RedisEndpoint?
  let namespace: Name
  let host: Name?
  let state: String?
  let drainPlan: DrainPreset
  let heartbeatInterval: Duration
  let heartbeatTimeout: Duration
  let notifyInterval: Duration
  let notifyText: String
  let heartbeatType: HeartbeatType
  let reconnectTokenTTL: Duration
  let enableReconnect: Bool
  let enableMetrics: Bool
  /// What a stranger publishes there is said in the hall `ws`.
  let redisChannel: String?
  /// Redis has to be there by then; nil serves without it.
  let redisPatience: Duration?
  let limits: LimitSettings
  let messageLimits: MessageLimits
  let deflate: Bool
  let adminToken: String?
  let tasks: TaskRunner.Terms
  let hooks: HookTerms
  let logLevel: Log.Level
  let logFormat: Log.Format
  /// To be said at the start: settings that are understood and do nothing.
  let remarks: [String]
  /// The same settings as flags, for a worker.
  let arguments: [String]

  init(_ settings: Settings) throws(StartError) {
    let addresses = settings.all(Options.listen).compactMap { ListenAddress($0) }
    listen = addresses.filter { !$0.isSecure }.map(\.address)
    secureListen = addresses.filter(\.isSecure).map(\.address)
    let files = CertificateFiles(
      certificate: settings[Options.tlsCertificate], key: settings[Options.tlsKey])
    certificate = files.certificate.isEmpty || files.key.isEmpty ? nil : files
    let metrics = settings[Options.metricsListen]
    metricsListen = metrics == "none" ? nil : try? SocketAddress.parse(metrics)
    metricsIsAsked = settings.isSet(Options.metricsListen)
    workers = settings[Options.workers]
    redis = try Self.endpoint(settings)
    guard let namespace = Name(settings[Options.namespace]) else {
      throw .usage("--namespace has to be \(Options.namespace.kind.allowed)")
    }
    self.namespace = namespace
    host = Name(settings[Options.host])
    let state = settings[Options.state]
    self.state = state.isEmpty ? nil : state
    let timeout = settings[Options.shutdownTimeout]
    let preset = DrainPreset(settings[Options.drainPreset]) ?? .standard
    drainPlan = timeout > .zero ? .pod(seconds: max(1, Int(timeout.components.seconds))) : preset
    heartbeatInterval = settings[Options.heartbeatInterval]
    heartbeatTimeout = settings[Options.heartbeatTimeout]
    notifyInterval = settings[Options.notifyInterval]
    notifyText = settings[Options.notifyText]
    heartbeatType = HeartbeatType(rawValue: settings[Options.heartbeatType]) ?? .ping
    reconnectTokenTTL = settings[Options.reconnectTokenTTL]
    enableReconnect = settings[Options.enableReconnect]
    enableMetrics = settings[Options.enableMetrics]
    let channel = settings[Options.redisChannel]
    redisChannel = channel.isEmpty || channel == "none" ? nil : channel
    redisPatience = settings[Options.redisPatience]
    limits = LimitSettings(settings)
    messageLimits = MessageLimits(message: settings[Options.maxMessageSize])
    deflate = settings[Options.compression] == "deflate"
    adminToken = try AdminToken.read(settings)
    tasks = try Self.tasks(settings)
    hooks = try Self.hooks(settings, allowance: tasks.allowance)
    logLevel = Log.Level(name: settings[Options.logLevel]) ?? .info
    logFormat = settings[Options.logFormat] == "json" ? .json : .text
    remarks =
      settings.isSet(Options.numShards) ? ["num_shards has no effect here: --workers decides"] : []
    // A worker is told the token; the file may be gone by the time it would look. It has nothing to do with TLS.
    arguments =
      settings.arguments(
        without: [
          Options.adminTokenFile.declaration, Options.adminToken.declaration,
          Options.tlsCertificate.declaration, Options.tlsKey.declaration,
        ])
      + (adminToken.map { ["--\(Options.adminToken.declaration.name)=\($0)"] } ?? [])
    try checkListeners()
    if heartbeatInterval > .zero && heartbeatTimeout <= heartbeatInterval {
      throw .usage("heartbeat-timeout has to be longer than heartbeat-interval, or every socket is closed")
    }
  }

  /// The first of those settings that hold for the server's whole life and are another here.
  func firstFixedDifference(from other: ServerSettings) -> String? {
    if listen != other.listen || secureListen != other.secureListen { return "listen" }
    if metricsListen != other.metricsListen { return "metrics-listen" }
    if workers != other.workers { return "workers" }
    if redis?.url != other.redis?.url { return "redis" }
    if namespace != other.namespace { return "namespace" }
    if host != other.host { return "host-id" }
    return state == other.state ? nil : "state"
  }

  /// A process that outlives its supervisor brings the next one all listening sockets, in one packet.
  private func checkListeners() throws(StartError) {
    let most = (PacketChannel.mostDescriptors - 2) / workers
    let plain = listen.count + (metricsListen == nil ? 0 : 1) + (secureListen.isEmpty ? 0 : 1)
    guard plain <= most, secureListen.count <= most else {
      throw .usage(
        "listen has too many addresses for \(workers) workers, each of which has a socket for each")
    }
  }

  /// Whether wss could be served; what a start needs, and a reload.
  func checkCertificate() throws(StartError) {
    if let certificate { return _ = try certificate.load() }
    if let address = secureListen.first {
      throw .usage("listen has wss://\(address), which needs both tls_certificate and tls_key")
    }
  }

  private static func tasks(_ settings: Settings) throws(StartError) -> TaskRunner.Terms {
    var terms = TaskRunner.Terms()
    terms.room = settings[Options.tasksAtOnce]
    let hosts = settings.all(Options.webhookAllow).filter { !$0.isEmpty }
    terms.allowance = WebhookAllowance(hosts) ?? WebhookAllowance()
    terms.configured = try webhook(Options.webhookURL, settings, terms.allowance)
    return terms
  }

  private static func hooks(_ settings: Settings, allowance: WebhookAllowance) throws(StartError) -> HookTerms
  {
    HookTerms(
      isStreamAsked: settings[Options.lifecycleStream],
      onConnect: try webhook(Options.onConnect, settings, allowance),
      onDisconnect: try webhook(Options.onDisconnect, settings, allowance))
  }

  private static func webhook(
    _ option: Option<String>, _ settings: Settings, _ allowance: WebhookAllowance
  ) throws(StartError) -> WebhookURL? {
    guard let url = WebhookURL(settings[option]) else { return nil }
    if allowance.address(of: url) != nil { return url }
    throw .usage("\(option.declaration.name) is \(url.authority), which webhook-allow has to have, too")
  }

  /// A flag with the host counts more than a URL in the environment; of two in one place the URL does.
  private static func endpoint(_ settings: Settings) throws(StartError) -> RedisEndpoint? {
    let url = settings.outranks(Options.redisHost, Options.redis) ? "" : settings[Options.redis]
    let host = settings[Options.redisHost]
    if url == "embedded" || (url.isEmpty && host.isEmpty) { return nil }
    let text = url.isEmpty ? "redis://\(host):\(settings[Options.redisPort])" : url
    do throws(RedisEndpoint.Malformed) {
      return try RedisEndpoint(parsing: text)
    } catch {
      throw .usage("--redis: \(error)")
    }
  }
}

/// How a silent client of the hall `clients` is asked whether it is there.
enum HeartbeatType: String, Sendable { case ping, custom }
