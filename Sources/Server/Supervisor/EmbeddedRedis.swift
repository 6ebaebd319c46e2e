import EventLoop
import Glibc

/// A `redis-server` of our own, for whoever has none: on a Unix socket, with an append-only file, started
/// before the workers, started again when it crashes, stopped last.
final class EmbeddedRedis {
  let socketPath: String
  /// It took its first connection.
  var onReady: (() -> Void)?
  /// It will not run: one line why.
  var onFailure: ((String) -> Void)?
  private(set) var restarts = 0

  private let loop: EventLoop
  private let log: Log
  private let program: String
  private let directory: String
  private var process: ChildProcess?
  private var startedAt = Moment(nanoseconds: 0)
  private var isStopping = false
  private var onStopped: (() -> Void)?
  private var isReady = false

  private static let startPatience = Duration.seconds(10)
  private static let restartPause = Duration.milliseconds(200)
  private static let hopelessAfter = 5

  init(_ loop: EventLoop, log: Log, directory: String, socketPath: String) throws(StartError) {
    guard let program = SmallFile.findProgram("redis-server") else {
      throw .unreachable(
        "redis-server is not installed: apt install redis-server, or name a Redis with --redis URL")
    }
    self.loop = loop
    self.log = log
    self.program = program
    self.directory = directory
    self.socketPath = socketPath
  }

  var pid: Int32? { process?.exit == nil ? process?.pid : nil }

  private var pidFile: String { "\(directory)/redis.pid" }

  /// Goes on with the one that a supervisor before us has started, if it lives; else starts one.
  func resume() {
    startedAt = loop.now
    let text = (try? SmallFile.read(pidFile))?.filter(\.isNumber) ?? ""
    guard let pid = Int32(text), (try? Socket.connect(to: .unix(path: socketPath))) != nil,
      let found = try? ChildProcess(loop, adopting: pid, onExit: { [weak self] in self?.exited($0) })
    else { return start() }
    process = found
    poll()
  }

  func start() {
    SmallFile.remove(socketPath)
    startedAt = loop.now
    do {
      process = try ChildProcess(
        loop, path: program, arguments: arguments, environment: Environment.withoutSecrets, diesWithUs: false,
        ownSession: true,
        onExit: { [weak self] in self?.exited($0) })
      poll()
    } catch {
      onFailure?("cannot start \(program): \(error)")
    }
  }

  /// Lets it write what it has, then waits for its end.
  func stop(_ done: @escaping () -> Void) {
    isStopping = true
    guard let process, process.exit == nil else { return done() }
    onStopped = done
    process.signal(SIGTERM)
    loop.after(.seconds(5)) { process.signal(SIGKILL) }
  }

  private var arguments: [String] {
    [
      "--port", "0", "--unixsocket", socketPath, "--unixsocketperm", "700", "--dir", directory,
      "--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--daemonize", "no",
      "--pidfile", pidFile, "--logfile", "\(directory)/redis.log", "--loglevel", "warning",
      "--maxmemory-policy", "noeviction",
    ]
  }

  /// There is no word from it when it listens, so the socket is tried until it answers.
  private func poll() {
    guard !isStopping, let process, process.exit == nil else { return }
    if let socket = try? Socket.connect(to: .unix(path: socketPath)) {
      _ = socket
      if !isReady {
        isReady = true
        onReady?()
      }
      return
    }
    if loop.now.duration(since: startedAt) > Self.startPatience {
      onFailure?("redis-server does not listen on \(socketPath): see \(directory)/redis.log")
      return
    }
    loop.after(.milliseconds(2)) { [weak self] in self?.poll() }
  }

  private func exited(_ how: ProcessExit) {
    if isStopping {
      onStopped?()
      onStopped = nil
      return
    }
    if !isReady {
      onFailure?("redis-server ended at once (\(how)): see \(directory)/redis.log")
      return
    }
    restarts += 1
    log.error("redis-server ended (\(how)), starting it again", event: "redis_crash")
    let pause = Self.restartPause * min(restarts, Self.hopelessAfter)
    loop.after(pause) { [weak self] in
      if self?.isStopping == false { self?.start() }
    }
  }
}
