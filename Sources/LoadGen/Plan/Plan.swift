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
  let reconnect: ReconnectPolicy
  let reconnectText: String
  let connectTimeout: Duration
  let grace: Duration
  let assertions: [Assertion]
  let deflate: Bool
  let headers: [HeaderField]
  let seed: UInt64
  let processes: Int
  let json: String?
  let isQuiet: Bool

  init(_ settings: Settings, url: String?) throws(UsageError) {
    let named = settings[Options.host]
    do throws(Target.Malformed) {
      target = try Target(url ?? (named.isEmpty ? Target.standard : named))
    } catch {
      throw UsageError(error.reason)
    }
    sockets = settings[Options.sockets]
    duration = settings[Options.duration]
    rate = settings[Options.rate]
    sendRate = settings[Options.sendRate]
    size = settings[Options.size]
    reconnectText = settings[Options.reconnect]
    reconnect = ReconnectPolicy(reconnectText) ?? .jitter
    connectTimeout = settings[Options.connectTimeout]
    grace = settings[Options.grace]
    let text = settings[Options.assert]
    do throws(Assertion.Malformed) {
      assertions = try Assertion.read(text.isEmpty ? Assertion.standard : text, wanted: sockets)
    } catch {
      throw UsageError("--assert: \(error)")
    }
    deflate = settings[Options.compression] == "deflate"
    headers = try Self.headers(settings.all(Options.header))
    seed = settings.isSet(Options.seed) ? UInt64(settings[Options.seed]) : Machine.random() >> 1
    processes = settings[Options.processes]
    let file = settings[Options.json]
    json = file.isEmpty ? nil : file
    isQuiet = settings[Options.quiet]
  }

  var schedule: Schedule { Schedule(sockets: sockets, rate: rate, sendRate: sendRate, seed: seed) }

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
