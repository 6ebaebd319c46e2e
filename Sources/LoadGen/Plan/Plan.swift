import CommandLine
import EventLoop
import FleetState
import Measurement
import RedisClient
import WireProtocol

/// A run, settled before it begins.
struct Plan {
  let target: Target
  /// Instead of what the target's name stands for.
  let connectTo: [SocketAddress]
  let mode: Mode
  let course: Course
  let duration: Duration
  let rate: Double
  let sendRate: Double
  let tick: Duration
  let sizes: MessageSizes
  let form: MessageForm
  let match: AnswerMatch
  let hello: [String]
  let publishing: Publishing
  let publishRate: Double
  let publishPath: String
  let redis: RedisEndpoint?
  let redisChannel: String
  let token: String?
  /// Percent of the frames that leave in two parts.
  let cut: Double
  let restarts: [Restart]
  let reconnect: ReconnectPolicy
  let reconnectText: String
  let connectTimeout: Duration
  let handshakeTimeout: Duration
  let grace: Duration
  let assertions: [Assertion]
  let failFast: Bool
  let deflate: Bool
  let headers: [HeaderField]
  let subprotocols: [String]
  let sources: [String]
  /// A file of certificates to trust instead of the system's.
  let authority: String?
  let seed: UInt64
  let processes: Int
  /// How many agents share the sockets; 0: this machine alone has them.
  let agents: Int
  /// Where they wait; nil for what the environment says.
  let namespace: String?
  let outputs: Outputs
  let isDryRun: Bool
  /// The words that make this plan again.
  let arguments: [String]
  /// What makes another process settle on the very same plan, whatever was left to chance or lay in a file.
  let settled: [String]

  /// As it was typed.
  init(arguments: [String]) throws(UsageError) { try self.init(Invocation(arguments, of: Options.program)) }

  init(_ invocation: Invocation) throws(UsageError) {
    var layers = Settings.Layers()
    layers.flags = invocation.values
    let settings = try Settings(Options.all, layers)
    let host = settings[Options.host]
    do throws(Target.Malformed) {
      target = try Target(invocation.positionals.first ?? Target.address(ofHost: host))
    } catch {
      throw UsageError(error.reason)
    }
    connectTo =
      settings.isSet(Options.connectTo)
      ? settings.all(Options.connectTo).compactMap { try? SocketAddress.parse($0) } : []
    seed = settings.isSet(Options.seed) ? UInt64(settings[Options.seed]) : Machine.random() >> 1
    mode = Mode(rawValue: settings[Options.mode]) ?? .echo
    let shape = try RunShape(settings, mode: mode, seed: seed)
    (course, duration, rate, sendRate) = (shape.course, shape.duration, shape.rate, shape.sendRate)
    tick = settings[Options.tick]
    settled = ["--seed=\(seed)"] + (shape.phases.map { ["--phases=\($0)"] } ?? [])
    // Whether it can be read has been checked with the other options.
    guard let sizes = MessageSizes(settings[Options.size], seed: seed) else {
      throw UsageError("--size has to be \(MessageSizes.words)")
    }
    self.sizes = sizes
    form =
      mode == .sluice
      ? MessageForm(Self.publication(Self.channel(of: "{socket}", seed)))
      : MessageForm(settings[Options.message])
    match = AnswerMatch(settings[Options.echoMatch]) ?? .stamp
    hello = settings.isSet(Options.hello) ? settings.all(Options.hello) : []
    publishing = Publishing(rawValue: settings[Options.publish]) ?? .http
    publishRate = settings[Options.publishRate]
    publishPath = settings[Options.publishPath]
    redis = settings.isSet(Options.redis) ? try? RedisEndpoint(parsing: settings[Options.redis]) : nil
    redisChannel = settings[Options.redisChannel]
    token = settings.isSet(Options.token) ? settings[Options.token] : nil
    cut = settings[Options.cut]
    restarts = try Restart.pairs(
      settings.isSet(Options.restart) ? settings.all(Options.restart) : [],
      at: settings.isSet(Options.at) ? settings.all(Options.at) : [], within: duration)
    reconnectText =
      mode == .sluice && !settings.isSet(Options.reconnect) ? "told" : settings[Options.reconnect]
    reconnect = ReconnectPolicy(reconnectText) ?? .jitter
    connectTimeout = settings[Options.connectTimeout]
    handshakeTimeout = settings[Options.handshakeTimeout]
    grace = settings[Options.grace]
    assertions = try Self.assertions(settings[Options.assert], mode, hasRestart: !restarts.isEmpty)
    failFast = settings[Options.failFast]
    deflate = settings[Options.compression] == "deflate"
    headers = try Self.headers(settings.all(Options.header), token: token)
    subprotocols =
      (mode == .sluice ? [SluiceWish.subprotocol] : [])
      + (settings.isSet(Options.subprotocol) ? settings.all(Options.subprotocol) : [])
    sources = settings.isSet(Options.source) ? settings.all(Options.source) : []
    authority = settings.isSet(Options.trust) ? settings[Options.trust] : nil
    processes = settings[Options.processes]
    agents = settings[Options.agents]
    namespace = settings.isSet(Options.namespace) ? settings[Options.namespace] : nil
    outputs = try Outputs(settings)
    arguments = SavedPlan.arguments(url: target.url, settings, settled: settled)
    isDryRun = settings[Options.dryRun]
    try checkMode(settings)
  }

  var sockets: Int { course.sockets }

  /// Of the first phase.
  var schedule: Schedule { course.phases[0].schedule }

  /// How many messages there are to send, if every socket is open from the beginning.
  var messages: UInt64 {
    let end = duration.wholeNanoseconds
    return mode == .fanout
      ? publications.map { UInt64($0.number(by: end)) } ?? 0 : course.messages(until: end)
  }

  /// What a socket of mode sluice speaks to: nobody else's, whatever else the server is asked at the same time.
  func channel(of socket: Int) -> String { Self.channel(of: String(socket), seed) }

  private static func channel(of socket: String, _ seed: UInt64) -> String {
    "load-\(String(seed, radix: 16))-\(socket)"
  }

  private static func publication(_ channel: String) -> String {
    #"{"type":"publish","channel":"\#(channel)","data":"{stamp}","id":{number}}"#
  }

  /// Where to connect; looking a name up blocks.
  func addresses() -> [SocketAddress] { connectTo.isEmpty ? target.addresses() : connectTo }

  var publications: Publications? {
    mode == .fanout
      ? Publications(
        rate: publishRate, seed: seed, begins: course.openedBy &+ 500_000_000,
        ends: duration.wholeNanoseconds) : nil
  }

  var frameCut: FrameCut? { FrameCut(percent: cut, period: course.shortestPeriod, seed: seed) }

  /// A restart is felt until each socket has spoken once more, and for two seconds at least; steady is what comes a
  /// second after the last socket was to open.
  var restartWindows: RestartWindows? {
    RestartWindows(
      begins: restarts.map(\.at.wholeNanoseconds), steadyFrom: course.openedBy &+ 1_000_000_000,
      tail: max(2_000_000_000, course.longestPeriod ?? 0))
  }

  /// A word that would change nothing in this mode is a misunderstanding.
  private func checkMode(_ settings: Settings) throws(UsageError) {
    if !form.hasStamp, match == .stamp, mode != .idle {
      throw UsageError("--message needs a {stamp}, or --echo-match order: else no answer can be recognised")
    }
    if agents > sockets { throw UsageError("--agents \(agents) have only \(sockets) sockets to share") }
    switch mode {
    case .chat where sockets < 2 * max(1, processes) * max(1, agents),
      .sluice where sockets < 2 * max(1, processes) * max(1, agents):
      throw UsageError(
        "--mode \(mode.rawValue) needs two sockets in each process: one speaks, the other hears it")
    case .sluice where settings.isSet(Options.message):
      throw UsageError("--mode sluice has a --message of its own")
    case .sluice where cut > 0:
      throw UsageError("--cut does not go with --mode sluice, whose sockets move between connections")
    case .chat where course.phases.count > 1, .sluice where course.phases.count > 1,
      .fanout where course.phases.count > 1:
      throw UsageError("--phases go with the modes echo, idle and custom")
    case .chat where match != .stamp, .sluice where match != .stamp, .fanout where match != .stamp:
      throw UsageError("--echo-match order goes with the modes echo and custom")
    case .fanout where publishing == .socket && sockets < 2:
      throw UsageError("--publish socket needs two sockets: one speaks, the others hear it")
    case .fanout where publishing == .redis && redis == nil:
      throw UsageError("--publish redis needs --redis URL, such as redis://127.0.0.1:6379")
    case .fanout where publishing == .http && target.isSecure:
      throw UsageError("--publish http needs a target without TLS: use socket or redis")
    case .custom where form == MessageForm(MessageForm.standard) && match == .stamp:
      throw UsageError("--mode custom needs a --message, such as '{\"say\": \"{stamp}\"}'")
    case .echo, .chat, .fanout, .sluice, .idle, .custom: return
    }
  }

  private static func assertions(_ text: String, _ mode: Mode, hasRestart: Bool) throws(UsageError)
    -> [Assertion]
  {
    let assertions: [Assertion]
    do throws(Assertion.Malformed) {
      assertions = try Assertion.read(text.isEmpty ? standard(mode) : text)
    } catch {
      throw UsageError("--assert: \(error)")
    }
    if !hasRestart, let idle = assertions.first(where: \.needsRestart) {
      throw UsageError("--assert: '\(idle.text)' needs a --restart to compare with")
    }
    return assertions
  }

  private static func standard(_ mode: Mode) -> String {
    mode == .sluice
      ? Assertion.standard + " && refused==0 && unreceipted==0 && unrecovered==0" : Assertion.standard
  }

  private static func headers(_ lines: [String], token: String?) throws(UsageError) -> [HeaderField] {
    var fields: [HeaderField] = []
    for line in lines where !line.isEmpty {
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts[1].drop { $0 == " " }
      guard let field = HeaderField(name: String(parts[0]), value: String(value)) else {
        throw UsageError("--header has to be Name: value")
      }
      fields.append(field)
    }
    if let token {
      guard let field = HeaderField(name: "Authorization", value: "Bearer \(token)") else {
        throw UsageError("--token has to be of characters a header can have")
      }
      fields.append(field)
    }
    return fields
  }
}
