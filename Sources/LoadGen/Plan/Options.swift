import CommandLine
import EventLoop
import FleetState
import Measurement
import RedisClient

/// Every option of the load generator, declared once (CONTRACT 7).
enum Options {
  static let host = Option(
    "host", Kind<String>.url, standard: "", placeholder: "URL",
    shownStandard: "ws://127.0.0.1:8000/ws?mode=echo",
    "the server, if not given as a word of its own; without a path it is asked for /ws?mode=echo")
  static let connectTo = Option(
    "connect-to", Kind<String>.place, standard: "", placeholder: "ADDRESS", repeats: true,
    shownStandard: "what the URL's host stands for",
    "where to connect to; several are used in turn, and who was turned away by one tries the next")
  static let mostSockets = 1_000_000
  static let mostSendRate = 100_000.0

  static let mode = Option(
    "mode", .choice(Mode.allCases.map(\.rawValue)), standard: "echo", placeholder: "MODE",
    "what the sockets do: echo, chat (the next socket hears it), fanout (all hear a publisher), sluice (as "
      + "chat, in sluice.v1 with receipts, resuming), idle, custom")
  static let sockets = Option(
    "sockets", .integer(1...mostSockets), standard: 100, placeholder: "N", "how many sockets are held")
  static let duration = Option(
    "duration", .duration(.milliseconds(100)...(.seconds(30 * 86_400))), standard: .seconds(10),
    placeholder: "TIME",
    "how long the run takes, opening included")
  static let hold = Option(
    "hold", .duration(.milliseconds(100)...(.seconds(30 * 86_400))), standard: .zero, placeholder: "TIME",
    shownStandard: "none", "instead of --duration: how long it goes on once all were to be open")
  static let phases = Option(
    "phases", .text, standard: "", placeholder: "FILE", shownStandard: "none",
    "instead of --sockets, --send-rate and --duration: lines as 'DURATION SOCKETS SEND-RATE', one phase each")
  static let rate = Option(
    "rate", .number(0.001...1_000_000), standard: 1000, placeholder: "C", "new connections a second")
  static let ramp = Option(
    "ramp", .duration(.milliseconds(1)...(.seconds(86_400))), standard: .zero, placeholder: "TIME",
    shownStandard: "none", "instead of --rate: the time all openings are spread over")
  static let sendRate = Option(
    "send-rate", .number(0...mostSendRate), standard: 1, placeholder: "M",
    "messages a second and socket, by a plan that no slow answer changes; 0 sends none")
  static let tick = Option(
    "tick", .duration(.zero...(.seconds(1))), standard: .milliseconds(1), placeholder: "TIME",
    "messages that fall into one tick are meant to leave together: waking up for each costs most; 0 spreads all"
  )
  static let size = Option(
    "size", Kind<String>.sizes, standard: String(Stamp.size), placeholder: "B",
    "length of a message, or of what stands for {stamp} in it: fixed, or by a distribution")
  static let message = Option(
    "message", .text, standard: MessageForm.standard, placeholder: "TEXT",
    "the form of a message: {stamp} is what it is recognised by, {socket} and {number} are what they say")
  static let echoMatch = Option(
    "echo-match", Kind<String>.match, standard: "stamp", placeholder: "HOW",
    "how an answer is recognised: by the stamp in it, or by its order among all, or those that contain TEXT")
  static let hello = Option(
    "hello", .text, standard: "", placeholder: "TEXT", repeats: true, shownStandard: "none",
    "said by each socket once it is open, such as a subscription; {socket} is its number")
  static let publish = Option(
    "publish", .choice(Publishing.allCases.map(\.rawValue)), standard: "http", placeholder: "HOW",
    "with --mode fanout: by POST, by the first socket, or by PUBLISH to a Redis")
  static let publishRate = Option(
    "publish-rate", .number(0.001...10_000), standard: 1, placeholder: "M", "publications a second")
  static let publishPath = Option(
    "publish-path", .text, standard: "/broadcast", placeholder: "PATH", "where to POST {\"message\": …}")
  static let redis = Option(
    "redis", Kind<String>.redis, standard: "", placeholder: "URL", secret: .password,
    shownStandard: "the running server's",
    "where agents are met; for --publish redis it has to be named")
  static let redisChannel = Option(
    "redis-channel", .text, standard: "broadcast", placeholder: "NAME", environment: ["REDIS_CHANNEL"],
    "for --publish redis")
  static let cut = Option(
    "cut", .number(0...100), standard: 0, placeholder: "PERCENT",
    "share of the frames that leave in two parts, cut anywhere, with a pause of up to 20 ms between")
  static let restart = Option(
    "restart", .text, standard: "", placeholder: "WHAT", repeats: true, shownStandard: "none",
    "done to the server during the run: kill9 (a worker), roll, upgrade or drain (by wsconsole), or a shell "
      + "command; each with its --at")
  static let at = Option(
    "at", .duration(.zero...(.seconds(30 * 86_400))), standard: .zero, placeholder: "TIME", repeats: true,
    shownStandard: "none", "when the --restart of the same place begins")
  static let reconnect = Option(
    "reconnect", Kind<String>.reconnect, standard: "jitter", placeholder: "POLICY",
    "what a dropped socket does: none, a fixed time such as 500ms, jitter (random pauses under a ceiling that grows "
      + "from 100ms to 5s, or to CEILING with jitter:CEILING), or told (when "
      + "the server said: a 'reconnect' message with in_ms, or Retry-After). In mode sluice told, if left out"
  )
  static let connectTimeout = Option(
    "connect-timeout", .duration(.milliseconds(10)...(.seconds(600))), standard: .seconds(10),
    placeholder: "TIME", "for the connection itself")
  static let handshakeTimeout = Option(
    "handshake-timeout", .duration(.milliseconds(10)...(.seconds(600))), standard: .seconds(10),
    placeholder: "TIME", "from then on, for TLS and the WebSocket handshake")
  static let grace = Option(
    "grace", .duration(.zero...(.seconds(600))), standard: .seconds(2), placeholder: "TIME",
    "how long missing answers are waited for at the end")
  static let assert = Option(
    "assert", .text, standard: "", placeholder: "TEXT", shownStandard: "no drop, no loss, all opened",
    "what the verdict depends on, such as 'drops==0 && p999_during<=p999_steady+10ms': "
      + "\(Figures.explanation)")
  static let failFast = Option(
    "fail-fast", .flag, standard: false, "end the run as soon as an assertion cannot hold any more")
  static let compression = Option(
    "compression", .choice(["deflate", "none"]), standard: "none", placeholder: "KIND", "what is offered")
  static let header = Option(
    "header", Kind<String>.header, standard: "", placeholder: "LINE", repeats: true,
    "a header of the handshake, as 'Name: value'")
  static let subprotocol = Option(
    "subprotocol", Kind<String>.token, standard: "", placeholder: "NAME", repeats: true,
    shownStandard: "none", "offered in the handshake")
  static let token = Option(
    "token", .text, standard: "", placeholder: "TEXT", secret: .whole, shownStandard: "none",
    "sent as 'Authorization: Bearer TEXT', in handshakes and publications")
  static let source = Option(
    "source", Kind<String>.address, standard: "", placeholder: "ADDRESS", repeats: true,
    shownStandard: "as many as needed on loopback",
    "an address of this machine to come from; several are used in turn, each has its own 28,000 ports")
  static let trust = Option(
    "trust", .text, standard: "", placeholder: "FILE", shownStandard: "what the system trusts",
    "for wss: the certificates to trust, as PEM")
  static let seed = Option(
    "seed", .integer(0...Int.max), standard: 0, placeholder: "N", shownStandard: "random",
    "repeats the plan of an earlier run")
  static let processes = Option(
    "processes", .integer(0...64), standard: 0, placeholder: "N", shownStandard: "as many as needed",
    "generator processes")
  static let agents = Option(
    "agents", .integer(0...64), standard: 0, placeholder: "N", shownStandard: "none",
    "have so many agents (wsload agent, on any machines) hold the sockets between them")
  static let namespace = Option(
    "namespace", Kind<String>.name, standard: "default", placeholder: "NAME",
    environment: ["SLUICE_NAMESPACE"], "with --agents: the fleet in whose Redis they wait")
  static let dryRun = Option("dry-run", .flag, standard: false, "print the plan and do nothing")

  static let run: [Declaration] = [
    host.declaration, connectTo.declaration, mode.declaration, sockets.declaration, duration.declaration,
    hold.declaration,
    phases.declaration, rate.declaration, ramp.declaration, sendRate.declaration, tick.declaration,
    size.declaration,
    message.declaration, echoMatch.declaration, hello.declaration, publish.declaration,
    publishRate.declaration, publishPath.declaration, redis.declaration, redisChannel.declaration,
    cut.declaration, restart.declaration, at.declaration, reconnect.declaration, connectTimeout.declaration,
    handshakeTimeout.declaration, grace.declaration, assert.declaration, failFast.declaration,
    compression.declaration, header.declaration, subprotocol.declaration, token.declaration,
    source.declaration, trust.declaration, seed.declaration, processes.declaration,
    agents.declaration, namespace.declaration, dryRun.declaration,
  ]

  static let all = run + Outputs.all

  static let program = Command(
    "wsload", "Opens many WebSockets, measures what a server does to them, and gives a verdict.",
    positionals: [
      .init("URL", isRequired: false, "the server: ws://127.0.0.1:8000/ws?mode=echo if left out")
    ],
    options: all,
    examples: [
      ("wsload --sockets 5000 --duration 60", "five thousand sockets for a minute"),
      ("wsload ws://10.0.0.5:8000/ws?mode=echo --assert 'p99<20ms'", "another server, judged by latency"),
      (
        "wsload --restart kill9 --at 20 --assert 'drops==0 && lost==0 && freeze_max<250ms' --duration 40",
        "what a client notices when a worker dies"
      ),
      ("wsload --sockets 1000 --json - --quiet", "for scripts: a JSON report, and the exit code"),
      (
        "wsload --mode fanout --publish-rate 10 ws://127.0.0.1:8000/ws",
        "everybody hears ten broadcasts a second"
      ),
      ("wsload --sockets 5000 --dry-run --seed 7", "what would be done"),
      ("wsload --json day.json --html day.html", "the same as a page with charts, and a file to keep"),
      ("wsload compare before.json now.json", "is it worse than before? also: report FILE, replay FILE"),
      (
        "wsload --agents 3 --sockets 60000 ws://10.0.0.5:8000/ws?mode=echo",
        "over three machines that run wsload agent; see wsload agent --help"
      ),
      ("wsload herd --clients 50000", "what reconnecting all at once would be like; see wsload herd --help"),
      ("wsload echo ws://127.0.0.1:9001/", "an echo client, for test suites"),
    ])

  static let echo = Command(
    "wsload echo", "Connects and sends back whatever comes, until it is closed.",
    positionals: [.init("URL", isRequired: true, "the server")], options: [])
}

extension Secret {
  /// Of a Redis' address; one without a password is no secret.
  fileprivate static let password = Secret { text in
    (try? RedisEndpoint(parsing: text))?.password == nil ? text : "******"
  }
}

extension Kind<String> {
  static let url = Kind(
    allowed: "ws://HOST[:PORT]/PATH, wss://… or ws+unix:/SOCKET:/PATH",
    read: { (try? Target($0)) == nil ? nil : $0 }, show: { $0 })

  static let sizes = Kind(
    allowed: "\(MessageSizes.words), and a fixed one of \(Stamp.size) at least",
    read: { MessageSizes($0, seed: 0) == nil ? nil : $0 }, show: { $0 })

  static let match = Kind(
    allowed: AnswerMatch.words, read: { AnswerMatch($0) == nil ? nil : $0 }, show: { $0 })

  static let reconnect = Kind(
    allowed: ReconnectPolicy.words, read: { ReconnectPolicy($0) == nil ? nil : $0 },
    show: { $0 })

  static let header = Kind(
    allowed: "Name: value", read: { $0.contains(":") ? $0 : nil }, show: { $0 })

  static let redis = Kind(
    allowed: "redis://HOST:PORT or unix:/PATH", read: { (try? RedisEndpoint(parsing: $0)) == nil ? nil : $0 },
    show: { $0 })

  static let name = Kind(
    allowed: "1 to \(AgentRecord.longestName) of A-Z a-z 0-9 _ . -",
    read: { text in Name(text).flatMap { $0.text.utf8.count <= AgentRecord.longestName ? text : nil } },
    show: { $0 })

  static let place = Kind(
    allowed: "NUMERIC-HOST:PORT, or unix:/PATH",
    read: { text in
      switch try? SocketAddress.parse(text) {
      case .tcp(let host, _)?: isNumeric(host) ? text : nil
      case .unix?: text
      case nil: nil
      }
    }, show: { $0 })

  /// What the grammar of HTTP calls one.
  static let token = Kind(
    allowed: "letters, digits, dots and dashes",
    read: { text in
      let isToken = text.utf8.allSatisfy {
        $0 > 0x20 && $0 < 0x7F && !"\"(),/:;<=>?@[\\]{}".utf8.contains($0)
      }
      return isToken && !text.isEmpty ? text : nil
    }, show: { $0 })

  static let address = Kind(
    allowed: "a numeric address such as 127.0.0.2 or ::1",
    read: { isNumeric($0) ? $0 : nil }, show: { $0 })

  private static func isNumeric(_ host: String) -> Bool {
    guard host.utf8.allSatisfy({ "0123456789abcdefABCDEF.:".utf8.contains($0) }) else { return false }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return host.contains(":") || parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
  }
}
