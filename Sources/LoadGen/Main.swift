import CommandLine
import EventLoop
import Glibc
import Measurement

/// `wsload`: plans a run, has it carried out, reports, and ends with the verdict as its exit code.
@main
enum Main {
  static let version = "0.1.0"

  private enum Code {
    static let good: Int32 = 0
    static let failed: Int32 = 1
    static let usage: Int32 = 2
    static let unreachable: Int32 = 3
  }

  static func main() {
    var arguments = Array(Swift.CommandLine.arguments.dropFirst())
    if arguments == [GeneratorMain.argument] { exit(GeneratorMain.run()) }
    let isEcho = arguments.first == "echo"
    if isEcho { arguments.removeFirst() }
    let command = isEcho ? Options.echo : Options.program
    do {
      let invocation = try Invocation(arguments, of: command)
      switch invocation.request {
      case .help: say(command.help())
      case .version: say("wsload \(version)\n")
      case .completion(let shell): try complete(shell)
      case .run: exit(try isEcho ? echo(invocation) : run(invocation, arguments))
      }
    } catch let error as UsageError {
      fail(error.description, Code.usage)
    } catch {
      fail("\(error)", Code.unreachable)
    }
    exit(Code.good)
  }

  private static func complete(_ shell: String) throws(UsageError) {
    guard let script = Options.program.completion(for: shell) else {
      throw UsageError("--completion knows bash and zsh")
    }
    say(script)
  }

  private static func run(_ invocation: Invocation, _ arguments: [String]) throws -> Int32 {
    let plan = try Plan(invocation)
    let addresses = plan.target.addresses()
    if addresses.isEmpty { fail("there is no host \(plan.target.host)", Code.unreachable) }
    if plan.isDryRun {
      say(PlanText.text(plan, addresses: addresses))
      return Code.good
    }
    let report = try Run(plan, arguments: arguments, addresses: addresses).carryOut()
    if let path = plan.json { try write(report.json(), to: path) }
    if plan.json != "-" {
      say(Summary.text(report))
    } else {
      for reason in report.reasons { Output.write("wsload: failed: \(reason)\n", to: 2) }
    }
    // Without its generators a run says nothing about the server.
    if report.figures.opened == 0, report.failures.isEmpty {
      fail(
        "not one socket could be opened on \(plan.target.url): \(report.figures.failed.sorted.first?.cause.text ?? "timeout")",
        Code.unreachable)
    }
    return report.passes ? Code.good : Code.failed
  }

  private static func write(_ text: String, to path: String) throws(SystemError) {
    if path == "-" { return say(text) }
    try SmallFile.replace(path, with: text, mode: 0o644)
  }

  private static func echo(_ invocation: Invocation) throws -> Int32 {
    let target: Target
    do throws(Target.Malformed) { target = try Target(invocation.positionals[0]) } catch {
      throw UsageError(error.reason)
    }
    if target.isSecure { throw UsageError("wsload echo speaks no TLS: name a ws:// address") }
    let loop = try EventLoop()
    let signals = try Signals(loop, [SIGPIPE]) { _ in }
    defer { withExtendedLifetime(signals) {} }
    let client = try EchoClient(loop, target: target)
    var code = Code.good
    client.onEnd = { result in
      if case .refused(let reason) = result {
        Output.write("wsload: \(target.url): \(reason)\n", to: 2)
        code = Code.unreachable
      }
      loop.stop()
    }
    try loop.run()
    return code
  }

  private static func say(_ text: String) { Output.write(text, to: 1) }

  private static func fail(_ text: String, _ code: Int32) -> Never {
    Output.write("wsload: \(text)\n", to: 2)
    exit(code)
  }
}
