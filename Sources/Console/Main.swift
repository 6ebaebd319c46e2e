import CommandLine
import EventLoop
import FleetState
import Glibc
import RedisClient
import Terminal

/// `wsconsole`: a screen, or with a subcommand the same thing for scripts.
@main
enum Main {
  static let version = "0.1.0"

  static func main() {
    do {
      exit(try run(Array(Swift.CommandLine.arguments.dropFirst())))
    } catch let error as UsageError {
      fail(error.description, 2)
    } catch let error as Whereabouts.Unknown {
      fail(error.reason, ExitCode.unreachable)
    } catch let error as Terminal.Failure {
      fail(error.description, ExitCode.unreachable)
    } catch {
      fail("\(error)", ExitCode.unreachable)
    }
  }

  private static func run(_ arguments: [String]) throws -> Int32 {
    let invocation = try Invocation(arguments, of: Options.program)
    let command = Options.program.commands.first { $0.name == invocation.command }
    switch invocation.request {
    case .help:
      Output.write(command?.help(parent: Options.program) ?? Options.program.help(), to: 1)
      return 0
    case .version:
      Output.write("wsconsole \(version)\n", to: 1)
      return 0
    case .completion(let shell):
      guard let script = Options.program.completion(for: shell) else {
        throw UsageError("--completion knows bash and zsh")
      }
      Output.write(script, to: 1)
      return 0
    case .run: break
    }
    var layers = Settings.Layers()
    layers.flags = invocation.values
    layers.environment = Environment.values
    let settings = try Settings(Options.all, layers)
    if command != nil, settings[Options.readOnly] {
      throw UsageError("--read-only is for the screen: leave it out")
    }
    // What cannot be found is what it looks for.
    if command?.name == Doctor.command.name { return try Doctor.run(settings) }
    let (endpoint, keys) = try Whereabouts.find(settings)
    let loop = try EventLoop()
    let feed = Feed(loop, endpoint: endpoint, keys: keys)
    if let command {
      return try Script(loop, feed: feed, settings: settings).run(command.name, invocation.positionals)
    }
    let onlyLooks = settings[Options.readOnly]
    let isPlain = !(layers.environment["NO_COLOR"] ?? "").isEmpty
    try Console(loop, feed: feed, terminal: Terminal(withColor: !isPlain), onlyLooks: onlyLooks).run()
    return 0
  }

  private static func fail(_ text: String, _ code: Int32) -> Never {
    Output.write("wsconsole: \(text)\n", to: 2)
    exit(code)
  }
}

enum Output {
  static func write(_ text: String, to descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      // SAFETY: the slice's own memory and count, alive for the call.
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count <= 0 { return }
      rest = rest.dropFirst(count)
    }
  }
}
