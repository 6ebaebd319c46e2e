import CommandLine
import EventLoop
import FleetState
import Glibc
import RedisClient

/// `wsload agent`: one machine's part in the runs of others.
enum AgentMain {
  static let name = Option(
    "name", Kind<String>.name, standard: "", placeholder: "NAME", shownStandard: "the machine's",
    "what reports call it; several may have the same")

  static let command = Command(
    "wsload agent",
    "Waits on Redis for runs with --agents and carries out its part of them, until it is ended.",
    options: [Options.redis.declaration, Options.namespace.declaration, name.declaration],
    examples: [
      ("wsload agent --redis redis://10.0.0.9:6379", "on each machine that is to generate load"),
      (
        "wsload --agents 3 --redis redis://10.0.0.9:6379 ws://10.0.0.5:8000/ws?mode=echo",
        "on any: a run over three of them"
      ),
    ])

  static func run(_ invocation: Invocation) throws -> Int32 {
    var layers = Settings.Layers()
    layers.flags = invocation.values
    let settings = try Settings(command.options, layers)
    let place = try Whereabouts(
      redis: settings.isSet(Options.redis) ? try RedisEndpoint(parsing: settings[Options.redis]) : nil,
      namespace: settings.isSet(Options.namespace) ? settings[Options.namespace] : nil)
    let loop = try EventLoop()
    let early = try EarlyEnd(loop)
    let agent = Agent(loop, place, name: Name(settings[name]) ?? ownName ?? place.keys.namespace)
    agent.onWord = { Output.write("wsload: \($0)\n", to: 2) }
    early.onAsk = {
      agent.leave { loop.stop() }
      // Redis may be away, and who asks twice is in a hurry.
      loop.after(.seconds(1)) { loop.stop() }
    }
    agent.begin()
    try loop.run()
    return 0
  }

  /// The machine's name, without what no key can bear.
  private static var ownName: Name? {
    let kept = Machine.hostName.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    return Name(kept.prefix(AgentRecord.longestName))
  }
}
