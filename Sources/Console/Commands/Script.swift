import CommandLine
import EventLoop
import FleetState
import Glibc
import JSONText
import RedisClient
import TextUI

/// The subcommands: each asks or tells the fleet once, prints, and ends with an exit code.
final class Script {
  enum Code {
    static let good: Int32 = 0
    static let failed: Int32 = 1
    static let unreachable: Int32 = 3
  }

  private let loop: EventLoop
  private let feed: Feed
  private let commander: Commander
  private let settings: Settings
  private var code = Code.good
  private var events: [View.Line] = []
  private var ended: [Name: Ledger] = [:]
  private var latest: Snapshot?

  private static let patience = Duration.seconds(5)

  init(_ loop: EventLoop, feed: Feed, settings: Settings) {
    self.loop = loop
    self.feed = feed
    self.settings = settings
    commander = Commander(loop, redis: feed.redis, keys: feed.keys)
  }

  /// The exit code.
  func run(_ command: String) throws(SystemError) -> Int32 {
    let signals = try Signals(loop, [SIGINT, SIGTERM, SIGPIPE]) { [loop] _ in loop.stop() }
    defer { withExtendedLifetime(signals) {} }
    feed.onEvent = { [unowned self] id, event in
      events.append(View.Line(time: id.milliseconds, event: event))
      commander.heard(event)
      if let ledger = event.details["ledger"].flatMap({ Ledger($0) }) { ended[event.host] = ledger }
      // An embedded Redis goes with its server: this event may be the last word.
      if waitingFor.allSatisfy({ ended[$0] != nil }) { finishWaiting() }
    }
    var isFirst = true
    feed.onSnapshot = { [unowned self] snapshot in
      latest = snapshot
      if isFirst {
        isFirst = false
        begin(command, snapshot)
      } else {
        goOn(command, snapshot)
      }
    }
    feed.onHealth = { [unowned self] in noteHealth($0) }
    feed.open()
    loop.after(Self.patience) { [unowned self] in
      if isFirst { fail("Redis does not answer: it is \(feed.redis.health.rawValue)", Code.unreachable) }
    }
    try loop.run()
    return code
  }

  private func begin(_ command: String, _ snapshot: Snapshot) {
    switch command {
    case "status": status(snapshot)
    case "workers":
      say(settings[Options.json] ? json(snapshot) : StatusText.workers(snapshot))
      loop.stop()
    case "events":
      // Events are asked for behind the records, over the same connection.
      loop.after(.milliseconds(100)) { [unowned self] in
        say(settings[Options.json] ? eventsJSON() : StatusText.events(events))
        loop.stop()
      }
    case "drain", "undrain": tell(command == "drain" ? .drain : .undrain, snapshot)
    default: loop.stop()
    }
  }

  private func goOn(_ command: String, _ snapshot: Snapshot) {
    if command == "status", settings[Options.watch] { status(snapshot) }
    if command == "drain", isWaiting { checkDrained(snapshot) }
  }

  // MARK: Asking

  private var lastShown = Moment(nanoseconds: 0)

  private func status(_ snapshot: Snapshot) {
    let isWatching = settings[Options.watch]
    if isWatching && loop.now.duration(since: lastShown) < .milliseconds(900) { return }
    lastShown = loop.now
    say(settings[Options.json] ? json(snapshot) : StatusText.status(snapshot))
    if !isWatching {
      if snapshot.hosts.isEmpty { code = Code.failed }
      loop.stop()
    }
  }

  private func json(_ snapshot: Snapshot) -> String {
    var writer = JSONWriter(style: settings[Options.watch] ? .compact : .pretty)
    snapshot.write(to: &writer)
    return writer.text + "\n"
  }

  private func eventsJSON() -> String {
    var writer = JSONWriter(style: .pretty)
    writer.beginArray()
    for line in events {
      writer.beginObject()
      writer.member("time", line.time)
      for field in line.event.fields.list { writer.member(field.name, field.value) }
      writer.endObject()
    }
    writer.endArray()
    return writer.text + "\n"
  }

  // MARK: Telling

  private var isWaiting = false
  private var waitingFor: Set<Name> = []

  private func tell(_ action: Action, _ snapshot: Snapshot) {
    let chosen = settings[Options.host]
    let hosts = snapshot.hosts.map(\.record.id).filter { chosen.isEmpty || $0.text == chosen }
    guard !hosts.isEmpty else {
      let reason = chosen.isEmpty ? "no host is there" : "there is no host \(chosen)"
      return fail("\(action.word): \(reason)", Code.failed)
    }
    let target: ControlCommand.Target =
      if !chosen.isEmpty, let name = Name(chosen) { .host(name) } else { .all }
    let preset = DrainPreset(settings[Options.preset])
    commander.send(
      action.verb, to: target, hosts: hosts, preset: action == .drain ? preset : nil,
      done: { [unowned self] in answered(action, $0, $1) },
      failed: { [unowned self] in fail("\(action.word): \($0)", Code.unreachable) })
  }

  private func answered(
    _ action: Action, _ answers: [(host: Name, answer: FleetEvent.Answer)], _ silent: [Name]
  ) {
    if !silent.isEmpty || answers.contains(where: { $0.answer != .done }) { code = Code.failed }
    if action == .drain, settings[Options.wait], code == Code.good {
      waitingFor = Set(answers.map(\.host))
      isWaiting = true
      if waitingFor.allSatisfy({ ended[$0] != nil }) { finishWaiting() }
      return
    }
    say(settings[Options.json] ? answersJSON(action, answers, silent) : answersText(action, answers, silent))
    loop.stop()
  }

  /// A host is done when it has said so, or when its record is gone.
  private func checkDrained(_ snapshot: Snapshot) {
    let left = waitingFor.filter { host in
      ended[host] == nil && snapshot.hosts.contains { $0.record.id == host }
    }
    if left.isEmpty { finishWaiting() }
  }

  /// Redis is away while a drain is waited for: perhaps with the server, and then nothing more will come.
  private func noteHealth(_ health: RedisHealth) {
    guard health == .down else { return }
    loop.after(Self.patience) { [unowned self] in
      if isWaiting, feed.redis.health == .down { finishWaiting() }
    }
  }

  private func finishWaiting() {
    guard isWaiting else { return }
    isWaiting = false
    if ended.values.contains(where: { $0[.lost] > 0 }) || ended.count < waitingFor.count {
      code = Code.failed
    }
    if settings[Options.json] {
      var writer = JSONWriter(style: .pretty)
      writer.beginObject()
      for host in waitingFor.sorted() {
        writer.name(host.text)
        if let ledger = ended[host] {
          writer.beginObject()
          writer.ledger(ledger)
          writer.endObject()
        } else {
          writer.null()
        }
      }
      writer.endObject()
      say(writer.text + "\n")
    } else {
      for host in waitingFor.sorted() { say("\(host): \(ended[host]?.text ?? "gone without a ledger")\n") }
    }
    loop.stop()
  }

  private func answersText(
    _ action: Action, _ answers: [(host: Name, answer: FleetEvent.Answer)], _ silent: [Name]
  ) -> String {
    var lines = answers.map { host, answer in
      switch answer {
      case .done: "\(host): \(action.word) begun"
      case .refused(let reason): "\(host): refused, \(reason)"
      }
    }
    lines += silent.map { "\($0): no answer" }
    return lines.joined(separator: "\n") + "\n"
  }

  private func answersJSON(
    _ action: Action, _ answers: [(host: Name, answer: FleetEvent.Answer)], _ silent: [Name]
  ) -> String {
    var writer = JSONWriter(style: .pretty)
    writer.beginObject()
    writer.member("command", action.word)
    writer.array("answers") { list in
      for (host, answer) in answers {
        list.beginObject()
        list.member("host", host.text)
        switch answer {
        case .done: list.member("answer", "done")
        case .refused(let reason):
          list.member("answer", "refused")
          list.member("reason", reason)
        }
        list.endObject()
      }
      for host in silent {
        list.beginObject()
        list.member("host", host.text)
        list.member("answer", "none")
        list.endObject()
      }
    }
    writer.endObject()
    return writer.text + "\n"
  }

  private func fail(_ text: String, _ code: Int32) {
    Output.write("wsconsole: \(text)\n", to: 2)
    self.code = code
    loop.stop()
  }

  private func say(_ text: String) { Output.write(text, to: 1) }
}
