import CommandLine
import EventLoop
import FleetState
import RedisClient
import Terminal

/// `wsconsole doctor`: looks at what the console stands on: the terminal, a server to be found, its Redis, its hosts.
enum Doctor {
  static let command = Command(
    "doctor", "terminal, server, Redis and hosts: what is well, and what to do",
    options: [Options.json.declaration],
    examples: [("wsconsole doctor --json", "for scripts; exit code 1 when something is to be mended")])

  /// Prints what it finds; the exit code says whether something has to be mended.
  static func run(_ settings: Settings) throws -> Int32 {
    let findings = TerminalCheck.findings(facts) + (try fleet(settings))
    Output.write(settings[Options.json] ? findings.json : findings.table, to: 1)
    return findings.isWell ? ExitCode.good : ExitCode.failed
  }

  private static var facts: Result<TerminalFacts, Terminal.Failure> {
    Result { () throws(Terminal.Failure) in try TerminalFacts.look() }
  }

  private static func fleet(_ settings: Settings) throws -> [Finding] {
    let endpoint: RedisEndpoint
    let keys: RedisKeys
    do throws(Whereabouts.Unknown) { (endpoint, keys) = try Whereabouts.find(settings) } catch {
      return [.fail("server", error.reason, "")]
    }
    let place = Finding.ok("server", "\(Whereabouts.source(settings)) names \(endpoint)")
    let redis = RedisCheck.findings(of: endpoint, keys.namespace, as: "wsconsole-doctor")
    guard redis.isWell else { return [place] + redis }
    return [place] + redis + FleetCheck.findings(try snapshot(endpoint, keys))
  }

  /// Nil when Redis does not say.
  private static func snapshot(_ endpoint: RedisEndpoint, _ keys: RedisKeys) throws -> Snapshot? {
    let loop = try EventLoop()
    let redis = Redis(loop, endpoint: endpoint, name: "wsconsole-doctor")
    let records = FleetRecords(redis, keys: keys)
    var found: Snapshot?
    redis.onReady = {
      records.read {
        found = $0
        loop.stop()
      }
    }
    redis.open()
    loop.after(.seconds(3)) { loop.stop() }
    try loop.run()
    redis.close()
    return found
  }
}
