import Bytes
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
    let word = Word(rawValue: arguments.first ?? "") ?? .run
    if word != .run { arguments.removeFirst() }
    let command = word.command
    do {
      let invocation = try Invocation(arguments, of: command)
      switch invocation.request {
      case .help: say(command.help())
      case .version: say("wsload \(version)\n")
      case .completion(let shell): try complete(shell)
      case .run: exit(try carryOut(word, invocation, arguments))
      }
    } catch let error as UsageError {
      fail(error.description, Code.usage)
    } catch {
      fail("\(error)", Code.unreachable)
    }
    exit(Code.good)
  }

  /// What the first word asks for; without one, a run.
  private enum Word: String {
    case run = ""
    case echo, compare, report, replay, agent, herd

    var command: Command {
      switch self {
      case .run: Options.program
      case .echo: Options.echo
      case .compare: FinishedRuns.compare
      case .report: FinishedRuns.report
      case .replay: FinishedRuns.replay
      case .agent: AgentMain.command
      case .herd: HerdLab.command
      }
    }
  }

  private static func carryOut(_ word: Word, _ invocation: Invocation, _ arguments: [String]) throws -> Int32
  {
    switch word {
    case .run: return try run(invocation, arguments)
    case .echo: return try echo(invocation)
    case .compare: return try FinishedRuns.compare(invocation)
    case .report: return try FinishedRuns.report(invocation)
    case .agent: return try AgentMain.run(invocation)
    case .herd: return try HerdLab.run(invocation)
    case .replay:
      let again = try FinishedRuns.replayed(arguments)
      return try run(Invocation(again, of: Options.program), again)
    }
  }

  private static func complete(_ shell: String) throws(UsageError) {
    guard let script = Options.program.completion(for: shell) else {
      throw UsageError("--completion knows bash and zsh")
    }
    say(script)
  }

  private static func run(_ invocation: Invocation, _ arguments: [String]) throws -> Int32 {
    let plan = try Plan(invocation)
    let addresses = plan.addresses()
    if addresses.isEmpty { fail("there is no host \(plan.target.host)", Code.unreachable) }
    if plan.isDryRun {
      say(PlanText.text(plan, addresses: addresses))
      return Code.good
    }
    try plan.outputs.check()
    // Agents have files of their own.
    if plan.target.isSecure, plan.agents == 0 { try SecureWires.check(authority: plan.authority) }
    let report = try Run(plan, arguments: arguments, addresses: addresses).carryOut()
    let outputs = plan.outputs
    // First what people see: no trouble with a file takes that from them.
    if !outputs.takesStandardOutput {
      say(Summary.text(report))
    } else {
      for reason in report.reasons { Output.write("wsload: failed: \(reason)\n", to: 2) }
    }
    let json = report.json()
    let written = Result { () throws(SystemError) in
      if let path = outputs.json { try Output.write(json, toFile: path) }
    }
    try SavedRun(report: Array(json.utf8), named: "the report").write(to: outputs)
    try written.get()
    // Without its generators a run says nothing about the server.
    if report.figures.opened == 0, report.failures.isEmpty {
      fail(
        "not one socket could be opened on \(plan.target.url): \(report.whyNoneOpened)",
        Code.unreachable)
    }
    return report.passes ? Code.good : Code.failed
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
    Output.write("wsload: \(printable(text, limit: 4096))\n", to: 2)
    exit(code)
  }
}
