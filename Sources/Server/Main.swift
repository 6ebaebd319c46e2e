import CommandLine
import EventLoop
import FleetState
import Glibc

/// `wsserver`: reads its settings and becomes the supervisor, or a worker of one.
@main
enum Main {
  static func main() {
    let arguments = Array(Swift.CommandLine.arguments.dropFirst())
    if arguments == [WorkerMain.argument] { exit(WorkerMain.run()) }
    if arguments == [GateMain.argument] { exit(GateMain.run()) }
    if arguments.count == 2, arguments[0] == Upgrader.question {
      exit(PageLayout(question: arguments[1]).map(SlotPages.own.canFollow) == true ? 0 : 1)
    }
    do throws(StartError) {
      try goOnGuarding(arguments)
      try run(arguments)
    } catch {
      say("wsserver: \(error.text)\n", to: 2)
      exit(error.kind.rawValue)
    }
    exit(0)
  }

  private static func run(_ all: [String]) throws(StartError) {
    let mode = SupervisorMode(all)
    let arguments = mode == nil ? all : Array(all.dropFirst(SupervisorMode.count))
    let invocation = try usage { () throws(UsageError) in try Invocation(arguments, of: Options.program) }
    switch invocation.request {
    case .help:
      let isDoctor = invocation.command == Doctor.command.name
      return say(isDoctor ? Doctor.command.help(parent: Options.program) : Options.program.help(), to: 1)
    case .version: return say("wsserver \(Build.version)\n", to: 1)
    case .completion(let shell):
      guard let script = Options.program.completion(for: shell) else {
        throw .usage("--completion knows bash and zsh")
      }
      return say(script, to: 1)
    case .run: break
    }
    let settings = try settings(invocation)
    if settings[Options.printConfig] { return say(settings.table(Options.all), to: 1) }
    let own = try ServerSettings(settings)
    if invocation.command == Doctor.command.name { try examine(own, invocation) }
    try own.checkCertificate()
    guard let mode else { return try guardSupervisor(arguments) }
    let log = Log(level: own.logLevel, format: own.logFormat, service: "wsserver")
    let reread = { () throws(StartError) in
      let new = try ServerSettings(Self.settings(invocation))
      try new.checkCertificate()
      return new
    }
    let supervisor = try Supervisor(
      own, mode: mode, arguments: arguments, log: log, reread: reread)
    try supervisor.run()
  }

  private static func examine(_ settings: ServerSettings, _ invocation: Invocation) throws(StartError)
    -> Never
  {
    let findings = try Doctor.findings(settings)
    let isJSON = invocation.values[Doctor.json.declaration.name] == ["true"]
    say(isJSON ? findings.json : findings.table, to: 1)
    exit(findings.isWell ? 0 : 1)
  }

  private static func goOnGuarding(_ arguments: [String]) throws(StartError) {
    do throws(SystemError) { if let code = try Guardian.goOn(arguments) { exit(code) } } catch {
      throw .unreachable("cannot go on: \(error)")
    }
  }

  private static func guardSupervisor(_ arguments: [String]) throws(StartError) {
    do throws(SystemError) { exit(try Guardian.run(arguments)) } catch {
      throw .unreachable("cannot start: \(error)")
    }
  }

  private static func settings(_ invocation: Invocation) throws(StartError) -> Settings {
    var layers = Settings.Layers()
    layers.flags = invocation.values
    layers.environment = Environment.values
    if SmallFile.isNamed(".env") {
      layers.dotenv = try file(".env") { "\($0): make it a file that can be read, or start elsewhere" }
    }
    let path = try usage { () throws(UsageError) in try Settings(Options.all, layers)[Options.config] }
    if !path.isEmpty { layers.config = try file(path) { "--config: \($0)" } }
    return try usage { () throws(UsageError) in
      let plain = try Settings(Options.all, layers)
      guard let preset = plain[Options.preset].flatMap({ Preset(rawValue: $0) }) else { return plain }
      layers.preset = preset.values
      return try Settings(Options.all, layers)
    }
  }

  /// What is there is read or named: a server that runs without the settings somebody wrote would be another one.
  private static func file(
    _ path: String, _ refusal: (SystemError) -> String
  ) throws(StartError) -> [String: [String]] {
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try SmallFile.readBytes(path, limit: SettingsFile.mostBytes + 1)
    } catch {
      throw .usage(refusal(error))
    }
    return try usage { () throws(UsageError) in try SettingsFile(bytes, name: path).values }
  }

  private static func usage<Result>(_ body: () throws(UsageError) -> Result) throws(StartError) -> Result {
    do throws(UsageError) { return try body() } catch { throw .usage(error.description) }
  }

  private static func say(_ text: String, to descriptor: Int32) {
    var text = text
    // SAFETY: the text's own bytes and count, alive for the call.
    text.withUTF8 { _ = unsafe write(descriptor, $0.baseAddress, $0.count) }
  }
}
