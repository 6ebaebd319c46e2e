import EventLoop
import FleetState
import Glibc

/// The process that a person or an init system starts. It has the supervisor as its child, passes signals on, and
/// starts the next one when it dies unasked: the workers do not notice, and find the new one by themselves.
///
/// Should it be gone itself, its supervisor becomes the next guardian (`GuardianWatch`): those who serve are below that
/// one already.
final class Guardian {
  /// Nobody types it: a supervisor that becomes the guardian says so, and by which pid the server is known.
  static let argument = "--as-next-guardian"
  static let name = "wsserver"

  /// A supervisor that dies so often in so short a time is not started again.
  private static let mostDeaths = 5
  private static let within = Duration.seconds(10)
  private static let pause = Duration.seconds(2)
  /// A supervisor that dies so soon after it was told to end may not have heard it.
  private static let unheardFor = Duration.seconds(1)

  private let loop: EventLoop
  private let server: Int32
  private let arguments: [String]
  private var supervisor: ChildProcess?
  private var deaths: [Moment] = []
  private var code: Int32 = 3
  /// To end, of late.
  private var asked: (signal: Int32, at: Moment)?

  /// Returns the exit code of the supervisor that ended by itself.
  static func run(_ arguments: [String]) throws(SystemError) -> Int32 {
    try Guardian(server: Machine.pid, arguments).run(.first)
  }

  /// The same, of a server that serves. Nil: the arguments are not those of a next guardian.
  static func goOn(_ all: [String]) throws(SystemError) -> Int32? {
    guard all.count >= 2, all[0] == argument, let server = Int32(all[1]) else { return nil }
    return try Guardian(server: server, Array(all.dropFirst(2))).run(.follower)
  }

  private init(server: Int32, _ arguments: [String]) throws(SystemError) {
    self.server = server
    self.arguments = arguments
    loop = try EventLoop()
  }

  private func run(_ kind: SupervisorMode.Kind) throws(SystemError) -> Int32 {
    Machine.nameProcess(Self.name)
    Machine.adoptOrphans()
    let signals = try Signals(loop, [SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE, SIGCHLD]) {
      [unowned self] in signal($0)
    }
    defer { withExtendedLifetime(signals) {} }
    try start(kind)
    try loop.run()
    return code
  }

  // By its name on disk, which after an upgrade is the new program's.
  private func start(_ kind: SupervisorMode.Kind) throws(SystemError) {
    let mode = SupervisorMode(kind, server: server, command: nil)
    supervisor = try ChildProcess(
      loop, path: Machine.programOnDisk ?? Machine.programPath, arguments: mode.arguments + arguments,
      diesWithUs: false,
      // One that is to lead those who serve hears a signal once it does: it must not die of it before.
      ownSession: true, holdsSignals: kind == .follower, onExit: { [unowned self] in ended($0, kind) })
  }

  private func signal(_ number: Int32) {
    switch number {
    case SIGCHLD: Machine.buryOrphans(but: supervisor?.pid ?? 0)
    case SIGPIPE: break
    // Nobody is there who could end it well.
    case SIGTERM where supervisor == nil, SIGINT where supervisor == nil:
      code = 0
      endEverything()
    default:
      if number == SIGTERM || number == SIGINT { asked = (number, loop.now) }
      supervisor?.signal(number)
    }
  }

  private func ended(_ how: ProcessExit, _ kind: SupervisorMode.Kind) {
    supervisor = nil
    switch how {
    // It could not begin to lead, its settings are wrong by now: the others are not to be left to nobody.
    case .code(let own) where own != 0 && someoneServes:
      code = own
      if isToEnd { endEverything() } else { followLater() }
    case .code(let own):
      code = own
      loop.stop()
    // Passed on before it could listen to it: it was to end, and has.
    case .signal(SIGTERM) where kind == .first, .signal(SIGINT) where kind == .first:
      code = 0
      loop.stop()
    case .signal, .unknown: died()
    }
  }

  private func died() {
    deaths = deaths.filter { loop.now.duration(since: $0) < Self.within } + [loop.now]
    // Workers that nobody can lead or stop any more are no service.
    if deaths.count > Self.mostDeaths {
      Log(service: "wsserver").error(
        "the supervisor died \(deaths.count) times within \(Self.within.words): giving up",
        event: "supervisor_hopeless")
      return endEverything()
    }
    follow()
  }

  private func follow() {
    do throws(SystemError) { try start(.follower) } catch { return followLater() }
    if let asked, isToEnd { supervisor?.signal(asked.signal) }
  }

  private var isToEnd: Bool { asked.map { loop.now.duration(since: $0.at) < Self.unheardFor } ?? false }

  private func followLater() {
    loop.after(Self.pause) { [unowned self] in follow() }
  }

  private var someoneServes: Bool {
    Machine.children().contains { child in
      (try? SmallFile.read("/proc/\(child)/comm"))?.hasPrefix("wsserver/w") ?? false
    }
  }

  private func endEverything() {
    for child in Machine.children() { _ = kill(child, SIGKILL) }
    loop.stop()
  }
}
