import EventLoop
import FleetState
import Glibc

/// The process that a person or an init system starts. It has the supervisor as its child, passes signals on, and
/// starts the next one when it dies unasked: the workers do not notice, and find the new one by themselves.
enum Guardian {
  /// A supervisor that dies so often in so short a time is not started again.
  private static let mostDeaths = 5
  private static let within = Duration.seconds(10)

  /// Returns the exit code of the supervisor that ended by itself.
  static func run(_ arguments: [String]) throws(SystemError) -> Int32 {
    Machine.adoptOrphans()
    let loop = try EventLoop()
    var supervisor: ChildProcess?
    var deaths: [Moment] = []
    var code: Int32 = 3
    // By its name on disk, which after an upgrade is the new program's.
    func start(_ kind: SupervisorMode.Kind) throws(SystemError) {
      let mode = SupervisorMode(kind, server: Machine.pid, command: nil)
      supervisor = try ChildProcess(
        loop, path: Machine.programOnDisk ?? Machine.programPath, arguments: mode.arguments + arguments,
        diesWithUs: false,
        ownSession: true, onExit: ended)
    }
    func ended(_ how: ProcessExit) {
      switch how {
      case .code(let own):
        code = own
        return loop.stop()
      // Passed on before it could listen to it: it was to end, and has.
      case .signal(SIGTERM), .signal(SIGINT):
        code = 0
        return loop.stop()
      case .signal, .unknown: break
      }
      deaths = deaths.filter { loop.now.duration(since: $0) < within } + [loop.now]
      // Workers that nobody can lead or stop any more are no service.
      if deaths.count > mostDeaths {
        Log(service: "wsserver").error(
          "the supervisor died \(deaths.count) times within \(within.words): giving up",
          event: "supervisor_hopeless")
        for child in Machine.children() { _ = kill(child, SIGKILL) }
        return loop.stop()
      }
      do throws(SystemError) { try start(.follower) } catch { loop.stop() }
    }
    let signals = try Signals(loop, [SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE, SIGCHLD]) { number in
      switch number {
      case SIGCHLD: Machine.buryOrphans(but: supervisor?.pid ?? 0)
      case SIGPIPE: break
      default: supervisor?.signal(number)
      }
    }
    defer { withExtendedLifetime(signals) {} }
    try start(.first)
    try loop.run()
    return code
  }
}
