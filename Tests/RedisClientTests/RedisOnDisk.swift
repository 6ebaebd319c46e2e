import EventLoop
import Glibc

@testable import RedisClient

/// A `redis-server` of the test's own on a Unix socket in a temporary directory; ended with the test.
final class RedisOnDisk {
  let directory: String
  var socket: String { directory + "/r" }
  var endpoint: RedisEndpoint { RedisEndpoint(.unix(path: socket)) }
  private var pid: pid_t = 0
  private let options: [String]

  struct Missing: Error {}

  init(_ options: [String] = []) throws {
    self.options = options
    var template = Array("/tmp/sluice-redis-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw Missing() }
    directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    try start()
  }

  deinit {
    kill()
    if let removal = try? Self.spawn(["rm", "-r", directory]) { Self.wait(for: removal) }
  }

  func start(with more: [String] = []) throws {
    let words = [
      "redis-server", "--port", "0", "--unixsocket", socket, "--dir", directory, "--save", "", "--logfile",
      directory + "/out",
    ]
    pid = try Self.spawn(words + options + more)
    // The socket file appears when it listens.
    for _ in 0..<3000 where unsafe access(socket, F_OK) != 0 { usleep(10_000) }
    guard unsafe access(socket, F_OK) == 0 else { throw Missing() }
  }

  /// At once, as a crash would.
  func kill() {
    if pid == 0 { return }
    Glibc.kill(pid, SIGKILL)
    Self.wait(for: pid)
    pid = 0
    unsafe unlink(socket)
  }

  func freeze() { Glibc.kill(pid, SIGSTOP) }
  func thaw() { Glibc.kill(pid, SIGCONT) }

  private static func spawn(_ words: [String]) throws -> pid_t {
    // SAFETY: the arguments outlive the call, which copies them.
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) } + [nil]
    defer { unsafe arguments.forEach { unsafe free($0) } }
    var pid: pid_t = 0
    guard unsafe posix_spawnp(&pid, words[0], nil, nil, &arguments, environ) == 0 else { throw Missing() }
    return pid
  }

  private static func wait(for pid: pid_t) {
    var status: Int32 = 0
    _ = unsafe waitpid(pid, &status, 0)
  }
}

extension EventLoop {
  /// Turns until `done` says so; `false` if that took more than forty seconds.
  func run(until done: () -> Bool) throws -> Bool {
    let start = Moment.current
    while !done() {
      if Moment.current.duration(since: start) > .seconds(40) { return false }
      try turn(waitingAtMost: .milliseconds(20))
    }
    return true
  }
}
