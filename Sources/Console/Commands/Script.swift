import CommandLine
import EventLoop
import FleetState
import Glibc
import RedisClient

/// A subcommand from its start to its exit code: asks or tells the fleet, prints, ends.
final class Script {
  private let loop: EventLoop
  private let feed: Feed
  private let settings: Settings
  private let asking: Asking
  private var telling: Telling?
  private var errand: Errand?
  private var code = ExitCode.good
  private var events: [View.Line] = []
  /// What was there is printed, and what comes is as it comes.
  private var isTailing = false
  private var lastShown = Moment(nanoseconds: 0)
  private var hasBegun = false

  private static let patience = Duration.seconds(5)

  init(_ loop: EventLoop, feed: Feed, settings: Settings) {
    self.loop = loop
    self.feed = feed
    self.settings = settings
    asking = Asking(settings: settings)
  }

  /// The exit code. `words` are what stands behind the command without a dash.
  func run(_ command: String, _ words: [String]) throws -> Int32 {
    errand = try Errand(command, words, settings)
    if let action = try Order.action(command, settings) {
      let commander = Commander(loop, redis: feed.redis, keys: feed.keys)
      telling = Telling(loop, commander: commander, settings: settings, action: action) { [unowned self] in
        end($0)
      }
    }
    let signals = try Signals(loop, [SIGINT, SIGTERM, SIGPIPE]) { [unowned self] _ in
      // Who stops waiting does not know how it ended.
      end(telling?.isWaiting == true ? ExitCode.failed : ExitCode.good)
    }
    defer { withExtendedLifetime(signals) {} }
    follow(command)
    loop.after(Self.patience) { [unowned self] in
      if hasBegun { return }
      let words = feed.redis.health == .up ? "does not answer" : feed.redis.health.words
      Output.write(
        "wsconsole: \(feed.endpoint) \(words): see wsconsole doctor, or name another with --redis\n", to: 2)
      end(ExitCode.unreachable)
    }
    try loop.run()
    return code
  }

  private func follow(_ command: String) {
    feed.onEvent = { [unowned self] id, event in
      let line = View.Line(time: id.milliseconds, event: event)
      if let telling {
        telling.hear(line)
      } else if isTailing {
        Output.write(asking.events([line]), to: 1)
      } else {
        events.append(line)
      }
    }
    feed.onSnapshot = { [unowned self] snapshot in
      if hasBegun { return goOn(command, snapshot) }
      hasBegun = true
      begin(command, snapshot)
    }
    feed.onHealth = { [unowned self] in noteHealth($0) }
    feed.open()
  }

  private func begin(_ command: String, _ snapshot: Snapshot) {
    if let telling { return telling.begin(snapshot) }
    if let errand {
      let messenger = Messenger(feed.redis, keys: feed.keys, settings: settings) { [unowned self] in end($0) }
      return messenger.begin(errand, snapshot)
    }
    switch command {
    case "status", "workers": show(command, snapshot)
    case "events":
      // Events are asked for behind the records, over the same connection.
      loop.after(.milliseconds(100)) { [unowned self] in
        Output.write(asking.events(events), to: 1)
        isTailing = settings[Options.watch]
        if !isTailing { loop.stop() }
      }
    default: loop.stop()
    }
  }

  private func goOn(_ command: String, _ snapshot: Snapshot) {
    telling?.see(snapshot)
    if telling == nil, errand == nil, command != "events" { show(command, snapshot) }
  }

  /// Once, or each second.
  private func show(_ command: String, _ snapshot: Snapshot) {
    let isWatching = settings[Options.watch]
    if isWatching && loop.now.duration(since: lastShown) < .milliseconds(900) { return }
    lastShown = loop.now
    Output.write(command == "status" ? asking.status(snapshot) : asking.workers(snapshot), to: 1)
    if isWatching { return }
    end(command == "status" && snapshot.hosts.isEmpty ? ExitCode.failed : ExitCode.good)
  }

  /// Redis is away while something is waited for: perhaps with the server, and then nothing more will come.
  private func noteHealth(_ health: RedisHealth) {
    guard health == .down else { return }
    loop.after(Self.patience) { [unowned self] in
      if feed.redis.health == .down { telling?.giveUp("Redis is away, and with it the last word") }
    }
  }

  private func end(_ code: Int32) {
    self.code = code
    loop.stop()
  }
}
