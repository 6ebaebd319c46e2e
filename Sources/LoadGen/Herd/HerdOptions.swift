import CommandLine
import EventLoop
import Measurement

/// What the herd lab is asked, and of which server.
struct HerdOptions {
  static let clients = Option(
    "clients", .integer(1...HerdSimulation.mostClients), standard: 10_000, placeholder: "N",
    "how many are dropped")
  static let policy = Option(
    "policy", Kind<String>.policies, standard: "fixed:1s,jitter,slots", placeholder: "LIST", repeats: true,
    "how they come back: fixed:TIME, jitter[:CEILING], slots[:WINDOW]; slots alone has the recommended window"
  )
  static let calibrate = Option(
    "calibrate", .text, standard: "", placeholder: "FILE", shownStandard: "none",
    "take --accepts and --handshake from a run's --json, in which the server dropped many at once")
  static let accepts = Option(
    "accepts", .number(1...ServerModel.mostAccepts), standard: 5000, placeholder: "C",
    "handshakes the server can complete in a second")
  static let handshake = Option(
    "handshake", .duration(.microseconds(1)...(.seconds(60))), standard: .milliseconds(1),
    placeholder: "TIME",
    "what one takes when nobody else is there")
  static let queue = Option(
    "queue", .integer(1...10_000_000), standard: 4096, placeholder: "N",
    "connections that may wait: the backlog of all listeners together")
  static let whenFull = Option(
    "when-full", .choice(ServerModel.Overflow.allCases.map(\.rawValue)), standard: "drop",
    placeholder: "WHAT",
    "with more of them: drop (Linux; the client's kernel tries again after 1, 2, 4 … seconds) or refuse")
  static let timeout = Option(
    "timeout", .duration(.milliseconds(10)...(.seconds(600))), standard: .seconds(10), placeholder: "TIME",
    "how long a client waits for one attempt")
  static let away = Option(
    "away", .duration(.zero...(.seconds(3000))), standard: .zero, placeholder: "TIME",
    "how long nobody listens after the drop")
  static let share = Option(
    "share", .number(1...100), standard: 70, placeholder: "PERCENT",
    "how much of what the server can do the recommended window may take")
  static let json = Option("json", .flag, standard: false, "the answer as JSON")

  static let all: [Declaration] = [
    clients.declaration, policy.declaration, calibrate.declaration, accepts.declaration,
    handshake.declaration, queue.declaration, whenFull.declaration, timeout.declaration, away.declaration,
    share.declaration, Options.seed.declaration, json.declaration,
  ]

  struct Way {
    let name: String
    /// Nil for the recommended one.
    let policy: ReturnPolicy?
  }

  let clients: Int
  let ways: [Way]
  let calibration: String?
  let model: ServerModel
  let share: Double
  let seed: UInt64
  let isJSON: Bool
  private let told: (accepts: Double?, handshake: UInt64?)

  init(_ settings: Settings) {
    clients = settings[Self.clients]
    ways = settings.all(Self.policy).flatMap { $0.split(separator: ",") }.map {
      Way(name: String($0), policy: Self.read($0))
    }
    calibration = settings.isSet(Self.calibrate) ? settings[Self.calibrate] : nil
    model = ServerModel(
      acceptsPerSecond: settings[Self.accepts], handshake: settings[Self.handshake].wholeNanoseconds,
      queue: settings[Self.queue], overflow: .init(rawValue: settings[Self.whenFull]) ?? .drop,
      timeout: settings[Self.timeout].wholeNanoseconds, away: settings[Self.away].wholeNanoseconds)
    told = (
      settings.isSet(Self.accepts) ? model.acceptsPerSecond : nil,
      settings.isSet(Self.handshake) ? model.handshake : nil
    )
    share = settings[Self.share] / 100
    seed = UInt64(settings[Options.seed])
    isJSON = settings[Self.json]
  }

  /// What was said on the command line overrides what a run has shown.
  func adapted(_ model: ServerModel) -> ServerModel {
    var model = model
    if let accepts = told.accepts { model.acceptsPerSecond = accepts }
    if let handshake = told.handshake { model.handshake = handshake }
    return model
  }

  private static let time = Kind<Duration>.duration(.milliseconds(1)...(.seconds(30 * 86_400)))

  static func show(_ nanoseconds: UInt64) -> String { time.show(.nanoseconds(Int64(clamping: nanoseconds))) }

  /// What `--reconnect` said in a run: `jitter`, `jitter:30s`, or the time itself.
  static func policy(ofRun text: String) -> ReturnPolicy? { read(text) ?? read("fixed:\(text)") }

  fileprivate static func read(_ text: some StringProtocol) -> ReturnPolicy? {
    ReturnPolicy(String(text), duration: { time.read($0)?.wholeNanoseconds })
  }
}

extension Kind<String> {
  fileprivate static let policies = Kind(
    allowed: "fixed:TIME, jitter, jitter:CEILING, slots or slots:WINDOW, several with commas between",
    read: { text in
      let words = text.split(separator: ",", omittingEmptySubsequences: false)
      return words.allSatisfy { $0 == "slots" || HerdOptions.read($0) != nil } ? text : nil
    }, show: { $0 })
}
