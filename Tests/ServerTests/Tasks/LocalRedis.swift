import EventLoop
import FleetState
import Glibc
import RedisClient
import Testing

/// A `redis-server` of the test's own, a loop, and a way to wait for answers; ended with the test.
final class LocalRedis {
  let loop: EventLoop
  let redis: Redis
  private let directory: String
  private var pid: pid_t = 0

  struct Missing: Error {}

  init() throws {
    loop = try EventLoop()
    var template = Array("/tmp/sluice-tasks-XXXXXX".utf8CString)
    // SAFETY: the template ends in NUL and is changed in place.
    guard unsafe mkdtemp(&template) != nil else { throw Missing() }
    directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    let socket = directory + "/r"
    redis = Redis(loop, endpoint: RedisEndpoint(.unix(path: socket)), name: "test")
    pid = try Self.spawn([
      "redis-server", "--port", "0", "--unixsocket", socket, "--dir", directory, "--save", "", "--logfile",
      directory + "/out",
    ])
    redis.open()
    try wait { self.redis.isReady }
  }

  deinit {
    Glibc.kill(pid, SIGKILL)
    var status: Int32 = 0
    _ = unsafe waitpid(pid, &status, 0)
    if let removal = try? Self.spawn(["rm", "-r", directory]) { _ = unsafe waitpid(removal, &status, 0) }
  }

  func wait(until done: () -> Bool) throws {
    let start = Moment.current
    while !done() {
      if Moment.current.duration(since: start) > .seconds(40) { throw Missing() }
      try loop.turn(waitingAtMost: .milliseconds(20))
    }
  }

  /// The answer to something that answers later.
  func answer<Value>(_ ask: (@escaping (Value) -> Void) -> Void) throws -> Value {
    var answer: Value?
    ask { answer = $0 }
    try wait { answer != nil }
    return try #require(answer)
  }

  @discardableResult
  func ask(_ words: String...) throws -> RedisValue {
    try answer { done in redis.send(words) { done($0) } }.get()
  }

  private static func spawn(_ words: [String]) throws -> pid_t {
    // SAFETY: the arguments outlive the call, which copies them.
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) } + [nil]
    defer { unsafe arguments.forEach { unsafe free($0) } }
    var pid: pid_t = 0
    guard unsafe posix_spawnp(&pid, words[0], nil, nil, &arguments, environ) == 0 else { throw Missing() }
    return pid
  }
}
