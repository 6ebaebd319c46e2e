import CommandLine
import EventLoop
import Measurement
import WireProtocol

/// A run, settled before it begins.
struct Plan {
  let target: Target
  let sockets: Int
  let duration: Duration
  let rate: Double
  let sendRate: Double
  let size: Int
  /// Percent of the frames that leave in two parts.
  let cut: Double
  let restarts: [Restart]
  let reconnect: ReconnectPolicy
  let reconnectText: String
  let connectTimeout: Duration
  let grace: Duration
  let assertions: [Assertion]
  let deflate: Bool
  let headers: [HeaderField]
  let seed: UInt64
  let processes: Int
  let outputs: Outputs
  /// The words that make this plan again.
  let arguments: [String]

  /// As it was typed.
  init(arguments: [String]) throws(UsageError) { try self.init(Invocation(arguments, of: Options.program)) }

  init(_ invocation: Invocation) throws(UsageError) {
    var layers = Settings.Layers()
    layers.flags = invocation.values
    let settings = try Settings(Options.all, layers)
    let named = settings[Options.host]
    do throws(Target.Malformed) {
      target = try Target(invocation.positionals.first ?? (named.isEmpty ? Target.standard : named))
    } catch {
      throw UsageError(error.reason)
    }
    sockets = settings[Options.sockets]
    duration = settings[Options.duration]
    rate = settings[Options.rate]
    sendRate = settings[Options.sendRate]
    size = settings[Options.size]
    cut = settings[Options.cut]
    restarts = try Restart.pairs(
      settings.isSet(Options.restart) ? settings.all(Options.restart) : [],
      at: settings.isSet(Options.at) ? settings.all(Options.at) : [], within: duration)
    reconnectText = settings[Options.reconnect]
    reconnect = ReconnectPolicy(reconnectText) ?? .jitter
    connectTimeout = settings[Options.connectTimeout]
    grace = settings[Options.grace]
    let text = settings[Options.assert]
    do throws(Assertion.Malformed) {
      assertions = try Assertion.read(text.isEmpty ? Assertion.standard : text)
    } catch {
      throw UsageError("--assert: \(error)")
    }
    if restarts.isEmpty, let idle = assertions.first(where: \.needsRestart) {
      throw UsageError("--assert: '\(idle.text)' needs a --restart to compare with")
    }
    deflate = settings[Options.compression] == "deflate"
    headers = try Self.headers(settings.all(Options.header))
    seed = settings.isSet(Options.seed) ? UInt64(settings[Options.seed]) : Machine.random() >> 1
    processes = settings[Options.processes]
    outputs = Outputs(settings)
    arguments = SavedPlan.arguments(url: target.url, settings, seed: seed)
  }

  var schedule: Schedule { Schedule(sockets: sockets, rate: rate, sendRate: sendRate, seed: seed) }

  var frameCut: FrameCut? { FrameCut(percent: cut, period: schedule.period, seed: seed) }

  /// A restart is felt until each socket has spoken once more, and for two seconds at least; steady is what comes a
  /// second after the last socket was to open.
  var restartWindows: RestartWindows? {
    let schedule = schedule
    return RestartWindows(
      begins: restarts.map(\.at.wholeNanoseconds), steadyFrom: schedule.openedBy &+ 1_000_000_000,
      tail: max(2_000_000_000, schedule.period ?? 0))
  }

  private static func headers(_ lines: [String]) throws(UsageError) -> [HeaderField] {
    var fields: [HeaderField] = []
    for line in lines where !line.isEmpty {
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts[1].drop { $0 == " " }
      guard let field = HeaderField(name: String(parts[0]), value: String(value)) else {
        throw UsageError("--header has to be Name: value")
      }
      fields.append(field)
    }
    return fields
  }
}
