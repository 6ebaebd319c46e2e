import CommandLine
import Measurement

/// Every option of the load generator, declared once (CONTRACT 7).
enum Options {
  static let host = Option(
    "host", Kind<String>.url, standard: "", placeholder: "URL",
    shownStandard: "ws://127.0.0.1:8000/ws?mode=echo",
    "the server, if not given as a word of its own")
  static let sockets = Option(
    "sockets", .integer(1...1_000_000), standard: 100, placeholder: "N", "how many sockets are held")
  static let duration = Option(
    "duration", .duration(.milliseconds(100)...(.seconds(30 * 86_400))), standard: .seconds(10),
    placeholder: "TIME", "how long the run takes, opening included")
  static let rate = Option(
    "rate", .number(0.001...1_000_000), standard: 1000, placeholder: "C", "new connections a second")
  static let sendRate = Option(
    "send-rate", .number(0...100_000), standard: 1, placeholder: "M",
    "messages a second and socket, by a plan that no slow answer changes; 0 sends none")
  static let size = Option(
    "size", .size(Stamp.size...(1 << 20)), standard: Stamp.size, placeholder: "B", "length of a message")
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
    "what a dropped socket does: none, a fixed time such as 500ms, or jitter (growing random pauses)")
  static let connectTimeout = Option(
    "connect-timeout", .duration(.milliseconds(10)...(.seconds(600))), standard: .seconds(10),
    placeholder: "TIME", "for connecting and the handshake")
  static let grace = Option(
    "grace", .duration(.zero...(.seconds(600))), standard: .seconds(2), placeholder: "TIME",
    "how long missing answers are waited for at the end")
  static let assert = Option(
    "assert", .text, standard: "", placeholder: "TEXT", shownStandard: "no drop, no loss, all opened",
    "what the verdict depends on, such as 'drops==0 && p999_during<=p999_steady+10ms': "
      + "\(Figures.explanation)")
  static let compression = Option(
    "compression", .choice(["deflate", "none"]), standard: "none", placeholder: "KIND", "what is offered")
  static let header = Option(
    "header", Kind<String>.header, standard: "", placeholder: "LINE", repeats: true,
    "a header of the handshake, as 'Name: value'")
  static let seed = Option(
    "seed", .integer(0...Int.max), standard: 0, placeholder: "N", shownStandard: "random",
    "repeats the plan of an earlier run")
  static let processes = Option(
    "processes", .integer(0...64), standard: 0, placeholder: "N", shownStandard: "as many as needed",
    "generator processes")

  static let run: [Declaration] = [
    host.declaration, sockets.declaration, duration.declaration, rate.declaration, sendRate.declaration,
    size.declaration, cut.declaration, restart.declaration, at.declaration, reconnect.declaration,
    connectTimeout.declaration, grace.declaration,
    assert.declaration, compression.declaration, header.declaration, seed.declaration,
    processes.declaration,
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
      ("wsload --json day.json --html day.html", "the same as a page with charts, and a file to keep"),
      ("wsload compare before.json now.json", "is it worse than before? also: report FILE, replay FILE"),
      ("wsload echo ws://127.0.0.1:9001/", "an echo client, for test suites"),
    ])

  static let echo = Command(
    "wsload echo", "Connects and sends back whatever comes, until it is closed.",
    positionals: [.init("URL", isRequired: true, "the server")], options: [])
}

extension Kind<String> {
  static let url = Kind(
    allowed: "ws://HOST[:PORT]/PATH with a numeric host or localhost",
    read: { (try? Target($0)) == nil ? nil : $0 }, show: { $0 })

  static let reconnect = Kind(
    allowed: "none, jitter, or a time such as 500ms", read: { ReconnectPolicy($0) == nil ? nil : $0 },
    show: { $0 })

  static let header = Kind(
    allowed: "Name: value", read: { $0.contains(":") ? $0 : nil }, show: { $0 })
}
